"""Why a socket was closed, and what a client does then. The one table; `docs/realtime.md` and the SDK repeat it.

Codes from 4500 on are final: coming back by itself would only repeat what happened.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class CloseCode:
    """A close code.

    may_return: whether a client should connect again by itself.
    after_ms: the shortest wait before it does; a `{"retry_after_ms": n}` in the reason replaces it.
    """

    number: int
    name: str
    may_return: bool
    after_ms: int
    sentence: str


GOING_AWAY: Final = CloseCode(1001, "going_away", True, 0, "the process stops; the reason spreads the returns")
BAD_FRAME: Final = CloseCode(1002, "protocol_error", True, 1_000, "a frame broke RFC 6455")
BAD_TEXT: Final = CloseCode(1007, "bad_text", True, 1_000, "a text frame was not UTF-8")
TOO_BIG: Final = CloseCode(1009, "frame_too_large", True, 1_000, "a client message was over 64 KiB")
FAILED: Final = CloseCode(1011, "server_error", True, 1_000, "a mistake of ours")
TRY_LATER: Final = CloseCode(1013, "try_again_later", True, 1_000, "the caller's dialogs could not be loaded")
SLOW: Final = CloseCode(4008, "slow", True, 0, "too much was unread: over 256 frames or 1 MiB; come back and resume")
SILENT: Final = CloseCode(4009, "silent", True, 0, "two pings in a row were not answered")
UNAUTHORIZED: Final = CloseCode(4401, "unauthorized", True, 0, "the credentials were withdrawn; bring another token")
TOO_MANY_FRAMES: Final = CloseCode(4429, "too_many_frames", True, 5_000, "the client sent frames faster than allowed")
TOO_MANY_SOCKETS: Final = CloseCode(
    4501, "too_many_sockets", False, 0, "the user has too many sockets; the oldest goes"
)

CLOSE_CODES: Final = {
    code.number: code
    for code in (
        GOING_AWAY,
        BAD_FRAME,
        BAD_TEXT,
        TOO_BIG,
        FAILED,
        TRY_LATER,
        SLOW,
        SILENT,
        UNAUTHORIZED,
        TOO_MANY_FRAMES,
        TOO_MANY_SOCKETS,
    )
}
