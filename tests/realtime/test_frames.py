"""WebSocket frames on the wire (RFC 6455): ours are whole and unmasked, a client's are checked bit by bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtchat.realtime.frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    TEXT,
    FrameReader,
    ProtocolViolation,
    close_echo,
    close_frame,
    text_frame,
    unmask,
)
from tests.support.fake_realtime import client_frame, server_frames


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
def test_a_text_frame_of_any_size_reads_back(size: int) -> None:
    assert server_frames(text_frame(b"x" * size)) == [(TEXT, b"x" * size)]


def test_a_close_frame_carries_code_and_reason() -> None:
    assert server_frames(close_frame(4008, "slow")) == [(CLOSE, (4008).to_bytes(2, "big") + b"slow")]


def test_a_long_close_reason_is_cut_between_characters() -> None:
    ((_, payload),) = server_frames(close_frame(1001, "ж" * 100))
    assert payload[2:].decode() == "ж" * 61


def test_a_close_is_answered_with_its_own_code() -> None:
    assert server_frames(close_echo(b"\x03\xe8bye")) == [(CLOSE, b"\x03\xe8")]
    assert server_frames(close_echo(b"")) == [(CLOSE, b"")]


@given(st.binary(min_size=4, max_size=4), st.binary(max_size=300))
def test_unmask_is_byte_by_byte_xor(key: bytes, payload: bytes) -> None:
    assert unmask(key, payload) == bytes(byte ^ key[number % 4] for number, byte in enumerate(payload))


@given(st.lists(st.binary(max_size=400), max_size=6), st.lists(st.integers(1, 50), min_size=1))
def test_messages_come_out_whole_however_the_stream_is_cut(payloads: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(client_frame(TEXT, payload) for payload in payloads)
    reader = FrameReader()
    found = []
    at = turn = 0
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        found += list(reader.feed(stream[at : at + step]))
        at, turn = at + step, turn + 1
    assert found == [(TEXT, payload) for payload in payloads]


def test_fragments_are_joined_and_control_frames_may_come_between() -> None:
    stream = (
        client_frame(BINARY, b"one", final=False)
        + client_frame(PING, b"?")
        + client_frame(CONTINUATION, b"two", final=False)
        + client_frame(CONTINUATION, b"three")
    )
    found = list(FrameReader().feed(stream))
    assert [entry for entry in found if entry[0] != CONTINUATION] == [(PING, b"?"), (BINARY, b"onetwothree")]


def test_a_message_of_64_kib_is_the_largest() -> None:
    """F22"""
    assert list(FrameReader().feed(client_frame(TEXT, b"x" * 65_536))) == [(TEXT, b"x" * 65_536)]


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        pytest.param(client_frame(TEXT, b"x" * 65_537), 1009, id="one frame over 64 KiB"),
        pytest.param(client_frame(TEXT, b"x" * 65_537)[:14], 1009, id="its head alone"),
        pytest.param(
            client_frame(TEXT, b"x" * 40_000, final=False) + client_frame(CONTINUATION, b"x" * 40_000),
            1009,
            id="fragments over 64 KiB together",
        ),
        pytest.param(b"\x81\x05hello", 1002, id="not masked"),
        pytest.param(b"\xc1" + client_frame(TEXT, b"x")[1:], 1002, id="a reserved bit: compression was never agreed"),
        pytest.param(client_frame(0x3, b"x"), 1002, id="unknown opcode"),
        pytest.param(client_frame(CONTINUATION, b"x"), 1002, id="nothing to continue"),
        pytest.param(client_frame(TEXT, b"x", final=False) + client_frame(TEXT, b"x"), 1002, id="unfinished message"),
        pytest.param(client_frame(PING, b"x" * 126), 1002, id="long control frame"),
        pytest.param(client_frame(PING, b"x", final=False), 1002, id="fragmented control frame"),
    ],
)
def test_what_breaks_the_protocol_has_its_close_code(stream: bytes, code: int) -> None:
    """F22"""
    with pytest.raises(ProtocolViolation) as caught:
        list(FrameReader().feed(stream))
    assert caught.value.code.number == code
