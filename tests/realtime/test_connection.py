"""One socket: nobody waits for it, its queue is bounded, and it ends for a reason that is said (P4, F20, F22)."""

import asyncio

import orjson
import pytest

from mtchat.realtime.close_codes import GOING_AWAY
from mtchat.realtime.connection import FRAMES_BURST, MAX_JOBS, Connection, QueueLimits
from mtchat.realtime.frames import CLOSE, PING, PONG, TEXT, text_frame
from tests.support.fake_realtime import Ears, client_frame, open_connection, server_frames, settle

FRAME = text_frame(b'{"type":"x"}')


@pytest.mark.gen_test
async def test_a_frame_goes_straight_to_the_transport() -> None:
    connection, transport = open_connection()
    connection.offer(FRAME)
    assert transport.written == FRAME


@pytest.mark.gen_test
async def test_frames_wait_while_the_client_does_not_read_and_keep_their_order() -> None:
    connection, transport = open_connection()
    connection.pause_writing()
    for number in range(3):
        connection.offer(text_frame(orjson.dumps({"n": number})))
    assert transport.written == b""
    connection.resume_writing()
    assert [message["n"] for message in transport.messages] == [0, 1, 2]


@pytest.mark.gen_test
async def test_a_transport_that_fills_again_keeps_the_rest_waiting() -> None:
    connection, transport = open_connection()
    connection.pause_writing()
    for number in range(3):
        connection.offer(text_frame(orjson.dumps({"n": number})))
    plain_write = transport.write

    def write_and_fill(data: bytes) -> None:
        plain_write(data)
        connection.pause_writing()

    transport.write = write_and_fill  # type: ignore[method-assign]
    connection.resume_writing()
    assert [message["n"] for message in transport.messages] == [0]
    transport.write = plain_write  # type: ignore[method-assign]
    connection.resume_writing()
    assert [message["n"] for message in transport.messages] == [0, 1, 2]


@pytest.mark.parametrize("limits", [QueueLimits(3, 1_000_000), QueueLimits(1_000, 3 * len(FRAME))])
@pytest.mark.gen_test
async def test_a_client_too_far_behind_is_closed_as_slow(limits: QueueLimits) -> None:
    """P4, F20: by number and by bytes."""
    connection, transport = open_connection(limits=limits)
    connection.pause_writing()
    for _ in range(3):
        connection.offer(FRAME)
    assert transport.close_code is None
    connection.offer(FRAME)
    assert transport.close_code == 4008


@pytest.mark.gen_test
async def test_nothing_is_sent_after_a_close_frame() -> None:
    connection, transport = open_connection()
    connection.close(GOING_AWAY)
    connection.offer(FRAME)
    connection.resume_writing()
    connection.ping()
    assert [opcode for opcode, _ in server_frames(transport.written)] == [CLOSE]


@pytest.mark.gen_test
async def test_a_clients_close_is_answered_and_ends_the_connection() -> None:
    ears = Ears()
    connection, transport = open_connection(listener=ears)
    connection.data_received(client_frame(CLOSE, (1000).to_bytes(2, "big")))
    await settle()
    assert (transport.close_code, transport.closed, ears.closed) == (1000, True, 1)


@pytest.mark.gen_test
async def test_two_missed_pings_close_the_socket() -> None:
    """F22"""
    connection, transport = open_connection()
    connection.ping()
    connection.ping()
    assert transport.close_code is None
    connection.ping()
    assert transport.close_code == 4009


@pytest.mark.gen_test
async def test_any_sign_of_life_counts_as_an_answer_to_a_ping() -> None:
    connection, transport = open_connection()
    for _ in range(10):
        connection.ping()
        connection.data_received(client_frame(PONG))
    assert transport.close_code is None


@pytest.mark.gen_test
async def test_a_ping_of_the_client_gets_its_payload_back() -> None:
    connection, transport = open_connection()
    connection.data_received(client_frame(PING, b"here?"))
    assert server_frames(transport.written) == [(PONG, b"here?")]


@pytest.mark.gen_test
async def test_pings_of_a_client_that_does_not_read_use_no_memory() -> None:
    """P4"""
    connection, transport = open_connection()
    connection.pause_writing()
    for _ in range(100):
        connection.data_received(client_frame(PING, b"x" * 100))
    connection.resume_writing()
    assert transport.written == b""


@pytest.mark.gen_test
async def test_text_that_is_not_utf8_closes_with_1007() -> None:
    connection, transport = open_connection()
    connection.data_received(client_frame(TEXT, b"\xff\xfe"))
    assert transport.close_code == 1007


@pytest.mark.gen_test
async def test_a_frame_over_64_kib_closes_with_1009() -> None:
    """F22"""
    connection, transport = open_connection()
    connection.data_received(client_frame(TEXT, b"x" * 65_537))
    assert transport.close_code == 1009


@pytest.mark.gen_test
async def test_a_flood_of_frames_is_closed() -> None:
    """P4"""
    ears = Ears()
    connection, transport = open_connection(listener=ears)
    connection.data_received(client_frame(TEXT, b"{}") * (FRAMES_BURST + 5))
    assert (transport.close_code, len(ears.texts)) == (4429, FRAMES_BURST)


@pytest.mark.gen_test
async def test_an_error_of_ours_closes_only_this_socket() -> None:
    class Broken(Ears):
        def on_text(self, connection: Connection, text: bytes) -> None:
            raise RuntimeError("a mistake")

    connection, transport = open_connection(listener=Broken())
    connection.data_received(client_frame(TEXT, b"{}"))
    assert transport.close_code == 1011


@pytest.mark.gen_test
async def test_jobs_of_a_socket_run_one_after_another() -> None:
    connection, _ = open_connection()
    done: list[int] = []

    def job(number: int) -> None:
        async def run() -> None:
            for _ in range(3 - number):
                await asyncio.sleep(0)
            done.append(number)

        connection.run(run)

    for number in range(3):
        job(number)
    await settle()
    assert done == [0, 1, 2]


@pytest.mark.gen_test
async def test_too_many_waiting_jobs_close_the_socket() -> None:
    """P4"""
    connection, transport = open_connection()

    async def nothing() -> None:
        """Ends at once."""

    for _ in range(MAX_JOBS + 1):
        connection.run(nothing)
    assert transport.close_code == 4429


@pytest.mark.gen_test
async def test_a_long_answer_waits_for_its_reader_instead_of_filling_the_queue() -> None:
    connection, transport = open_connection(limits=QueueLimits(1, 10))
    connection.pause_writing()
    sending = asyncio.ensure_future(connection.send(FRAME))
    await settle()
    assert not sending.done()
    connection.resume_writing()
    assert await sending
    assert transport.written == FRAME


@pytest.mark.gen_test
async def test_a_long_answer_ends_with_its_socket() -> None:
    connection, transport = open_connection()
    connection.pause_writing()
    sending = asyncio.ensure_future(connection.send(FRAME))
    await settle()
    transport.abort()
    assert not await sending


@pytest.mark.gen_test
async def test_the_listener_hears_of_the_end_once() -> None:
    ears = Ears()
    _, transport = open_connection(listener=ears)
    transport.abort()
    transport.abort()
    await settle()
    assert ears.closed == 1


def test_a_connection_has_no_dictionary() -> None:
    """Design 10: an idle socket is counted in bytes."""
    assert not hasattr(Connection("anna", Ears(), QueueLimits(1, 1)), "__dict__")
