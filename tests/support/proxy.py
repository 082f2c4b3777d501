"""A TCP proxy that can be cut: stands between the server and what it depends on, or between a client and the server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Proxy:
    """Forwards bytes both ways until it is cut; while cut, new connections are closed at once."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self.is_cut = False

    @property
    def port(self) -> int:
        """The port of 127.0.0.1 it listens on."""
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break every connection, refuse new ones."""
        self.is_cut = True
        self._flows.set()
        for writer in list(self._open):
            writer.transport.abort()

    def heal(self) -> None:
        """Let new connections through again."""
        self.is_cut = False

    def hold(self) -> None:
        """Keep every byte until `release`; connections stay open."""
        self._flows.clear()

    def release(self) -> None:
        """Let bytes through again."""
        self._flows.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far_writer}
        for source, target in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._pump(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while block := await source.read(65_536):
                await self._flows.wait()
                target.write(block)
                await target.drain()
        self._open.discard(target)
        with contextlib.suppress(OSError):
            target.close()
            await target.wait_closed()


@contextlib.asynccontextmanager
async def proxy_to(connect: Connect) -> AsyncIterator[Proxy]:
    """Run a proxy for the length of the block."""
    proxy = Proxy(connect)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
