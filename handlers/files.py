"""Files on disk, in and out, by signed urls. Nothing is here when files are in S3: browsers go there themselves.

Bytes pass in pieces, each in a thread of the storage, so a transfer holds one piece of memory and never the loop.
"""

import asyncio
import hashlib
import re
import time
from typing import IO, Any, ClassVar, Final, cast

from tornado.iostream import StreamClosedError
from tornado.web import stream_request_body

from handlers.base import ApiHandler
from handlers.identity import open_to_all
from handlers.operation import Text, operation
from mtchat.core.errors import BadRequest, ChatError, Forbidden, NotFound, UnsatisfiableRange
from mtchat.core.uploads import require_awaited
from mtchat.storage.base import KEY
from mtchat.storage.disk import DiskStorage, IncomingFile
from mtchat.storage.signing import GET, PUT, Grant

# Large enough that the hop to a thread is little beside the copy; small enough to move within 15 s at 140 kbit/s.
PIECE_BYTES: Final = 256 * 1024
# An SVG or a page opened by itself runs nothing, loads nothing and belongs to no origin.
CONTENT_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# The rest of a refused upload is thrown away for so long, so that its sender comes to read the answer.
_REFUSED_BODY_SECS: Final = 30

_RANGE: Final = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")
_OCTETS: Final = "application/octet-stream"
_TAGS: Final = ("attachments",)
_GONE: Final = "There is no such file; it was deleted, or is not there yet"


class StoredFileHandler(ApiHandler):
    """Hands out one object by its signed url."""

    rate_limited = False
    folder: ClassVar[str] = ""

    @property
    def storage(self) -> DiskStorage:
        """The storage, when it is ours to serve."""
        storage = self.services.storage
        if not isinstance(storage, DiskStorage):
            raise NotFound("Files are not kept here")
        return storage

    def grant(self, method: str) -> Grant:
        """Return what the url of this request allows. Raises Forbidden, and NotFound for what can be no file."""
        key = f"dialogs/{self.path_kwargs['dialog_id']}/{self.folder}{self.path_kwargs['name']}"
        if KEY.fullmatch(key) is None:
            raise NotFound(_GONE)
        query = {name: values[0].decode("utf-8", "replace") for name, values in self.request.query_arguments.items()}
        return self.storage.signer.check(method, key, query)

    async def answer_file(self) -> None:
        """Answer the object, or the range of it that was asked for."""
        grant = self.grant(GET)
        file = await self.storage.open(grant.key)
        if file is None:
            raise NotFound(_GONE)
        with file:
            await self._answer_open(grant, file)

    async def _answer_open(self, grant: Grant, file: IO[bytes]) -> None:
        size = file.seek(0, 2)
        tag = f'"{hashlib.sha256(grant.key.encode()).hexdigest()[:16]}-{size}"'
        start, end = self._span(size, tag)
        for name, value in {
            "Content-Type": grant.content_type or _OCTETS,
            "Content-Disposition": grant.disposition,
            "Content-Security-Policy": CONTENT_POLICY,
            "Cache-Control": f"private, max-age={max(0, grant.expires_at - int(time.time()))}",
            "Accept-Ranges": "bytes",
            "ETag": tag,
        }.items():
            self.set_header(name, value)
        if self.request.headers.get("If-None-Match") == tag:
            self.answer_empty(304)
            return
        if end - start < size:
            self.set_status(206)
            self.set_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        self.set_header("Content-Length", str(end - start))
        await self._send_pieces(file, start, end if self.request.method == "GET" else start)

    def _span(self, size: int, tag: str) -> tuple[int, int]:
        """The bytes that are asked for: from the first to before the second. What is no single range gets all."""
        asked = _RANGE.fullmatch(self.request.headers.get("Range", ""))
        if asked is None or self.request.headers.get("If-Range", tag) != tag:
            return 0, size
        first, last = asked.groups()
        if not first:
            start, end = size - min(int(last or 0), size), size
        else:
            start, end = int(first), min(int(last or size) + 1, size)
        if (first and last and int(first) > int(last)) or (not first and not last):
            return 0, size
        if start >= size:
            raise UnsatisfiableRange(f"The file has {size:,} bytes", size)
        return start, end

    async def _send_pieces(self, file: IO[bytes], start: int, end: int) -> None:
        try:
            while start < end:
                piece = await self.storage.read(file, start, min(PIECE_BYTES, end - start))
                if not piece:
                    # Somebody has cut the file short on the disk: what was announced cannot come.
                    raise StreamClosedError
                start += len(piece)
                self.write(piece)
                # Waits until the piece is with the network: a slow reader holds one piece.
                await self.flush()
                self.application.request_progressed(self)
            await self.finish()
        except StreamClosedError:
            self._cut_off()

    def give_up(self) -> None:
        """End a transfer that stopped moving; in the middle of an answer there is nothing to say but the end."""
        if self._headers_written:
            self._cut_off()
        else:
            super().give_up()

    def _cut_off(self) -> None:
        cast(Any, self.request.connection).close()
        self.application.request_ended(self)

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self.application.request_ended(self)


@stream_request_body
class FileHandler(StoredFileHandler):
    """One stored object, and its way in."""

    _grant: Grant
    _incoming: IncomingFile | None = None
    _failure: ChatError | None = None
    _pending: bytearray

    async def prepare(self) -> None:  # type: ignore[override]  # Tornado waits for it
        """Check, before the first byte of an upload, its url and what is announced."""
        super().prepare()
        if self.request.method == "PUT":
            self._grant = self.grant(PUT)
            self._check_announced()
            await require_awaited(self.services, self.path_kwargs["dialog_id"], self._grant.key)
            self._pending = bytearray()
            self._incoming = await self.storage.begin_write(self._grant)

    @open_to_all
    @operation(
        "Open a file",
        description="By the signed link of an attachment. A single range may be asked for.",
        answer=Text(_OCTETS),
        also={206: Text(_OCTETS)},
        errors=(Forbidden, NotFound, UnsatisfiableRange),
        tags=_TAGS,
    )
    async def get(self, dialog_id: str, name: str) -> None:
        await self.answer_file()

    @open_to_all
    @operation(
        "Store a file",
        description="By the signed link of an upload: exactly the bytes and the type that were asked for.",
        errors=(Forbidden, NotFound, BadRequest),
        tags=_TAGS,
    )
    async def put(self, dialog_id: str, name: str) -> None:
        incoming = self._incoming
        assert incoming is not None
        await self._write_pending(incoming)
        if self._failure is not None:
            raise self._failure
        # It may have taken an hour: nobody removes what comes for an upload that was given up long ago.
        await require_awaited(self.services, self.path_kwargs["dialog_id"], self._grant.key)
        if not await incoming.finish():
            raise NotFound("There is no such upload; it expired, was given up or is finished")
        self._incoming = None
        self.answer_empty(200)

    def _check_announced(self) -> None:
        """What was signed is what comes: browsers may leave an empty type away, nothing else."""
        headers, grant = self.request.headers, self._grant
        length = headers.get("Content-Length")
        if length is None:
            raise BadRequest("Send the file with its Content-Length")
        if length != str(grant.size):
            raise Forbidden(f"This link is for a file of {grant.size:,} bytes; ask for another one")
        if grant.content_type and headers.get("Content-Type", "").lower() != grant.content_type:
            raise Forbidden(f"This link is for a file of type {grant.content_type}; send it as Content-Type")

    async def data_received(self, chunk: bytes) -> None:
        """Take a piece of the body."""
        if self._incoming is None or self._failure is not None:
            return
        self.application.request_progressed(self)
        self._pending += chunk
        if len(self._pending) >= PIECE_BYTES:
            await self._write_pending(self._incoming)

    async def _write_pending(self, incoming: IncomingFile) -> None:
        piece, self._pending = bytes(self._pending), bytearray()
        try:
            await incoming.write(piece)
        except ChatError as error:
            # Told when all has come: a sender in the middle of a body does not read.
            self._failure = error

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Render the envelope; what still comes of the body is not waited for long."""
        cast(Any, self.request.connection).set_body_timeout(_REFUSED_BODY_SECS)
        super().write_error(status_code, **kwargs)

    def on_finish(self) -> None:
        super().on_finish()
        self._discard()

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._discard()

    def _discard(self) -> None:
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            task = asyncio.get_running_loop().create_task(incoming.discard())
            _discarding.add(task)
            task.add_done_callback(_discarding.discard)


# A task that nobody holds may vanish before it has run.
_discarding: Final[set[asyncio.Task[None]]] = set()


class ThumbnailHandler(StoredFileHandler):
    """The thumbnail of an object; nobody uploads one."""

    folder = "thumbs/"

    @open_to_all
    @operation(
        "Open a thumbnail",
        description="By its signed link in an attachment.",
        answer=Text("image/webp"),
        also={206: Text("image/webp")},
        errors=(Forbidden, NotFound, UnsatisfiableRange),
        tags=_TAGS,
    )
    async def get(self, dialog_id: str, name: str) -> None:
        await self.answer_file()


ROUTES = [
    ("/files/dialogs/{dialog_id}/{name}", FileHandler),
    ("/files/dialogs/{dialog_id}/thumbs/{name}", ThumbnailHandler),
]
