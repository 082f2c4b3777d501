"""The live connection: the handshake is a request like any other, after it the socket leaves HTTP for good.

After 101 the file descriptor moves to an asyncio transport with a `Connection` on it; request, handler, headers and
Tornado's stream are dropped. Tornado's own WebSocketHandler keeps them, a task and a pending read for the life of the
socket, and makes a coroutine for each frame it writes (docs/realtime.md has the figures). What a frame asks for is
carried out by `ClientFrames`.
"""

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Callable
from socket import SO_SNDBUF, SOL_SOCKET
from typing import Any, Final

import orjson
from tornado.iostream import IOStream, StreamClosedError

from handlers.base import EnvelopeHandler
from handlers.identity import open_to_all
from handlers.operation import operation
from handlers.routing import RouteEntry
from mtchat.core.access import Actor
from mtchat.core.errors import BadRequest, ChatError, Forbidden, InvalidInput, RateLimited, Unauthorized, Unavailable
from mtchat.core.reads import mark_read
from mtchat.core.schemas.fields import normal_uuid
from mtchat.core.services import Services
from mtchat.core.typing_signals import TypingSignals
from mtchat.realtime.connection import Connection
from mtchat.realtime.frames import text_frame
from mtchat.realtime.replay import MAX_DIALOGS

# RFC 6455, 1.3: the same for every handshake of the world.
_ACCEPT_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
# Protocols we answer with. The second one of an offer carries the token: `mtchat.v1, bearer.<jwt>` or `bearer, <jwt>`.
_PROTOCOLS: Final = frozenset({"mtchat.v1", "bearer"})
_EARLY_BYTES: Final = 65_536
# What the kernel may hold for a client that does not read (it counts twice this for its own overhead). Left alone it
# grows to 4 MiB a socket; this much still carries 1 MiB/s over a round trip of a quarter of a second.
SEND_BUFFER_BYTES: Final = 256 * 1024
_PONG: Final = text_frame(b'{"type":"pong"}')
_MAX_SEQ: Final = 2**63 - 1


class _OtherVersion(BadRequest):
    """The client speaks a version of the WebSocket protocol that we do not."""

    @property
    def headers(self) -> dict[str, str]:
        return {"Sec-WebSocket-Version": "13"}


class ChatSocket(EnvelopeHandler):
    """Opens the live connection of a chat user."""

    @open_to_all
    @operation(
        "Open the live connection",
        status=101,
        errors=(BadRequest, InvalidInput, Unauthorized, Forbidden, RateLimited, Unavailable),
        tags=("realtime",),
        description="A WebSocket (RFC 6455) of JSON text frames. Credentials with JWT on: `?token=`, or "
        "`Sec-WebSocket-Protocol: mtchat.v1, bearer.<jwt>`; otherwise `?user_id=`. A refusal is an ordinary answer.",
    )
    async def get(self) -> None:
        """Check in the contract's order, switch protocols, hand the socket to the dispatcher."""
        self.application.limits.check_handshake(self.request)
        key = self._websocket_key()
        self._check_origin()
        actor = self.application.identity.identify_socket(self.request)
        self.application.limits.check_handshake(self.request, actor.user_id)
        if self.services.hub.draining:
            raise Unavailable("This process is stopping; connect again")
        connection = Connection(actor.user_id, client_frames(self), self.services.hub.limits)
        early = await _hand_over(self.detach(), self._switching(key), connection)
        if connection.is_open:
            self.services.dispatcher.attach(connection)
            connection.data_received(early)

    def _websocket_key(self) -> bytes:
        headers = self.request.headers
        if headers.get("Upgrade", "").lower() != "websocket":
            raise BadRequest("This address speaks WebSocket only: send Upgrade: websocket")
        if "upgrade" not in (part.strip().lower() for part in headers.get("Connection", "").split(",")):
            raise BadRequest("Send Connection: Upgrade; a proxy on the way may have removed it")
        if headers.get("Sec-WebSocket-Version") != "13":
            raise _OtherVersion("Send Sec-WebSocket-Version: 13")
        key = headers.get("Sec-WebSocket-Key", "").encode("latin-1")
        try:
            if len(base64.b64decode(key, validate=True)) != 16:
                raise binascii.Error
        except binascii.Error:
            raise BadRequest("Sec-WebSocket-Key must be 16 random bytes in base64") from None
        return key

    def _check_origin(self) -> None:
        """Browsers let any page open a socket anywhere; without JWT the address alone would make it somebody's."""
        origin = self.request.headers.get("Origin")
        if origin is None or origin.rpartition("//")[2] == self.request.headers.get("Host"):
            return
        if not self.application.cors.origin_allowed(origin):
            raise Forbidden("Pages of this origin may not connect; add it to CORS_ALLOWED_ORIGINS")

    def _switching(self, key: bytes) -> bytes:
        accept = base64.b64encode(hashlib.sha1(key + _ACCEPT_GUID, usedforsecurity=False).digest())
        offered = self.request.headers.get("Sec-WebSocket-Protocol", "").partition(",")[0].strip()
        protocol = b"Sec-WebSocket-Protocol: %b\r\n" % offered.encode() if offered in _PROTOCOLS else b""
        return (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: %b\r\n%b\r\n" % (accept, protocol)
        )


async def _hand_over(stream: IOStream, head: bytes, connection: Connection) -> bytes:
    """Answer 101 and move the socket from Tornado's stream to a transport of its own; returns what was already read.

    Public calls only: `RequestHandler.detach`, `IOStream.socket`, `loop.connect_accepted_socket`. The descriptor is
    duplicated, so closing the stream takes Tornado's registration with the loop away and leaves the connection open.
    """
    try:
        await stream.write(head)
        early = _already_read(stream)
        socket = stream.socket.dup()
    except (StreamClosedError, OSError):
        stream.close()
        return b""
    stream.close()
    socket.setblocking(False)
    socket.setsockopt(SOL_SOCKET, SO_SNDBUF, SEND_BUFFER_BYTES)
    await asyncio.get_running_loop().connect_accepted_socket(lambda: connection, socket)
    return early


def _already_read(stream: IOStream) -> bytes:
    """Return what the client sent right behind its request; it lies in the stream's buffer or still in the socket."""
    found = b""
    while True:
        reading = asyncio.ensure_future(stream.read_bytes(_EARLY_BYTES, partial=True))
        if not reading.done():
            # Closing the stream ends this read with an error nobody waits for.
            reading.add_done_callback(lambda ended: ended.exception())
            return found
        found += reading.result()


def client_frames(handler: EnvelopeHandler) -> "ClientFrames":
    """Return the one ClientFrames of the handler's application."""
    shared: dict[str, Any] = handler.application.settings
    if "client_frames" not in shared:
        shared["client_frames"] = ClientFrames(handler.services)
    found: ClientFrames = shared["client_frames"]
    return found


class ClientFrames:
    """What clients may ask for over the socket. Anything else is ignored in silence, `subscribe` among it."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._typing = TypingSignals(services.hub, services.publisher)
        self._answers: dict[str, Callable[[Connection, dict[str, Any]], None]] = {
            "ping": lambda connection, frame: connection.offer(_PONG),
            "typing": self._on_typing,
            "read": self._on_read,
            "resume": self._on_resume,
        }

    def on_text(self, connection: Connection, text: bytes) -> None:
        """Act on one frame of a client."""
        try:
            frame = orjson.loads(text)
        except orjson.JSONDecodeError:
            return
        kind = frame.get("type") if isinstance(frame, dict) else None
        answer = self._answers.get(kind) if isinstance(kind, str) else None
        # Before `connected` the client's dialogs are not known.
        if answer is not None and connection.member is not None and (connection.member.ready or kind == "ping"):
            answer(connection, frame)

    def on_closed(self, connection: Connection) -> None:
        """The socket is gone."""
        self._services.dispatcher.detach(connection)

    def _on_typing(self, connection: Connection, frame: dict[str, Any]) -> None:
        dialog_id = _uuid(frame.get("dialog_id"))
        if dialog_id is not None:
            self._typing.typing(connection.user_id, dialog_id)

    def _on_read(self, connection: Connection, frame: dict[str, Any]) -> None:
        dialog_id, message_id = _uuid(frame.get("dialog_id")), _uuid(frame.get("message_id"))
        if dialog_id is None or message_id is None:
            _refuse(connection, "read", InvalidInput("read needs dialog_id and message_id, both UUIDs"))
            return

        async def read() -> None:
            try:
                await mark_read(self._services, Actor(connection.user_id), dialog_id, message_id)
            except ChatError as error:
                _refuse(connection, "read", error)

        connection.run(read)

    def _on_resume(self, connection: Connection, frame: dict[str, Any]) -> None:
        try:
            dialogs = _positions(frame.get("dialogs"))
        except InvalidInput as error:
            _refuse(connection, "resume", error)
            return

        async def resume() -> None:
            try:
                await self._services.dispatcher.resume(connection, dialogs)
            except ChatError as error:
                _refuse(connection, "resume", error)

        connection.run(resume)


def _refuse(connection: Connection, request: str, error: ChatError) -> None:
    """Answer a frame that could not be carried out; `request` is the frame's type."""
    fields = {"type": "error", "request": request, "code": error.code, "message": error.message}
    connection.offer(text_frame(orjson.dumps(fields)))


def _uuid(value: object) -> str | None:
    return normal_uuid(value) if isinstance(value, str) else None


def _positions(value: object) -> dict[str, int]:
    """Return dialog id -> seq of a resume frame. Raises InvalidInput."""
    if not isinstance(value, dict) or len(value) > MAX_DIALOGS:
        raise InvalidInput(f"resume needs dialogs: an object of at most {MAX_DIALOGS} ids, each with its last seq")
    found = {}
    for key, seq in value.items():
        dialog_id = normal_uuid(key)
        if dialog_id is None or type(seq) is not int or not 0 <= seq <= _MAX_SEQ:
            raise InvalidInput("resume: each key is a dialog's UUID, each value the last seq you have of it, 0 or more")
        found[dialog_id] = seq
    return found


ROUTES: Final[list[RouteEntry]] = [("/api/v1/ws", ChatSocket)]
