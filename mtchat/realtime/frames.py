"""WebSocket frames of RFC 6455 as a server writes and reads them: bytes in, bytes out, no sockets.

Extensions (compression among them) are never negotiated: a compressor costs tens of KiB per socket.
"""

import struct
from collections.abc import Iterator
from typing import Final

from mtchat.realtime.close_codes import BAD_FRAME, TOO_BIG, CloseCode

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

_KNOWN: Final = frozenset({CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG})
_FIN: Final = 0x80
_RESERVED: Final = 0x70
_MASKED: Final = 0x80
# The largest payload of a control frame, and with it the longest close reason (two bytes are the code).
MAX_CONTROL_BYTES: Final = 125
# The largest message a client may send, fragments added up. Ours are never longer than a resume of 500 dialogs, some
# 30 KiB.
MAX_MESSAGE_BYTES: Final = 64 * 1024

PING_FRAME: Final = bytes((_FIN | PING, 0))


class ProtocolViolation(Exception):
    """The client broke the protocol; the socket is closed with `code`."""

    def __init__(self, code: CloseCode, message: str) -> None:
        super().__init__(message)
        self.code = code


def text_frame(payload: bytes) -> bytes:
    """Return an unmasked text frame around UTF-8 text; made once and written to every receiver."""
    return _frame(TEXT, payload)


def pong_frame(payload: bytes) -> bytes:
    """Return the answer to a ping with the same payload."""
    return _frame(PONG, payload)


def close_frame(code: int, reason: str = "") -> bytes:
    """Return a close frame; a reason over 123 bytes is cut."""
    text = reason.encode()[: MAX_CONTROL_BYTES - 2].decode(errors="ignore").encode()
    return _frame(CLOSE, struct.pack("!H", code) + text)


def close_echo(payload: bytes) -> bytes:
    """Return the answer to a client's close frame: its own code again, or none when it sent none."""
    return _frame(CLOSE, payload[:2] if len(payload) >= 2 else b"")


def _frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return bytes((_FIN | opcode, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", _FIN | opcode, 126, size) + payload
    return struct.pack("!BBQ", _FIN | opcode, 127, size) + payload


def unmask(key: bytes, payload: bytes) -> bytes:
    """Return the payload XOR the repeated 4-byte key. One big-number operation: 64 KiB take some 60 µs."""
    size = len(payload)
    repeated = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(repeated, "little")).to_bytes(size, "little")


class FrameReader:
    """Cuts a client's byte stream into messages. Holds nothing between frames, so an idle socket has no buffer."""

    __slots__ = ("_fragments", "_opcode", "_rest")

    def __init__(self) -> None:
        self._rest: bytearray | None = None
        self._fragments: bytearray | None = None
        self._opcode = 0

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield (opcode, payload) of each complete message; a fragment that completes none comes as (CONTINUATION,
        b"").

        Raises ProtocolViolation; the reader must not be used after it.
        """
        if self._rest is not None:
            self._rest += data
            source: bytes | bytearray = self._rest
        else:
            source = data
        at = 0
        while True:
            found = self._cut(source, at)
            if found is None:
                break
            at, final, opcode, payload = found
            yield self._message(final, opcode, payload)
        if at == len(source):
            self._rest = None
        elif self._rest is None:
            self._rest = bytearray(source[at:])
        elif at:
            del self._rest[:at]

    def _cut(self, source: bytes | bytearray, at: int) -> tuple[int, bool, int, bytes] | None:
        """Return (end, final, opcode, payload) of the frame at `at`, or None while it is incomplete."""
        have = len(source) - at
        if have < 2:
            return None
        first, second = source[at], source[at + 1]
        opcode = first & 0x0F
        size = second & 0x7F
        if first & _RESERVED or opcode not in _KNOWN:
            raise ProtocolViolation(BAD_FRAME, "unknown opcode or extension")
        if not second & _MASKED:
            raise ProtocolViolation(BAD_FRAME, "client frames must be masked")
        if opcode & 0x8 and (size > MAX_CONTROL_BYTES or not first & _FIN):
            raise ProtocolViolation(BAD_FRAME, "control frames are short and whole")
        head = 2
        if size == 126:
            head = 4
            if have < head:
                return None
            (size,) = struct.unpack_from("!H", source, at + 2)
        elif size == 127:
            head = 10
            if have < head:
                return None
            (size,) = struct.unpack_from("!Q", source, at + 2)
        if size + (len(self._fragments) if self._fragments is not None else 0) > MAX_MESSAGE_BYTES:
            raise ProtocolViolation(TOO_BIG, "frames are limited to 64 KiB")
        end = head + 4 + size
        if have < end:
            return None
        payload = unmask(bytes(source[at + head : at + head + 4]), bytes(source[at + head + 4 : at + end]))
        return at + end, bool(first & _FIN), opcode, payload

    def _message(self, final: bool, opcode: int, payload: bytes) -> tuple[int, bytes]:
        if opcode & 0x8:
            return opcode, payload
        if opcode == CONTINUATION:
            if self._fragments is None:
                raise ProtocolViolation(BAD_FRAME, "nothing to continue")
            self._fragments += payload
            if not final:
                return CONTINUATION, b""
            whole = bytes(self._fragments)
            self._fragments = None
            return self._opcode, whole
        if self._fragments is not None:
            raise ProtocolViolation(BAD_FRAME, "the last message is not finished")
        if final:
            return opcode, payload
        self._fragments = bytearray(payload)
        self._opcode = opcode
        return CONTINUATION, b""
