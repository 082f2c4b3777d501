"""A TCP proxy that can be cut: stands between the server and what it depends on, or between a client and the server."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine

Connect = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


class Proxy:
    """Forwards bytes both ways until it is cut; while cut, new connections are closed at once.

    doubles: what comes in over a new connection is sent on over two, as when a balancer repeats requests that the first
    server is still at; the answers of the second are thrown away.
    """

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self.is_cut = False
        self.doubles = False

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

    def break_off(self) -> None:
        """Break every connection; new ones are let through."""
        self.cut()
        self.heal()

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
        self._open.add(writer)
        targets: list[asyncio.StreamWriter] = []
        try:
            for answers_go_to in ([writer], []) if self.doubles else ([writer],):
                far_reader, far_writer = await self._connect()
                self._open.add(far_writer)
                targets.append(far_writer)
                self._begin(self._pump(far_reader, answers_go_to))
        except OSError:
            writer.transport.abort()
        self._begin(self._pump(reader, targets))

    def _begin(self, pumping: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(pumping)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, targets: list[asyncio.StreamWriter]) -> None:
        with contextlib.suppress(OSError):
            while block := await source.read(65_536):
                await self._flows.wait()
                for target in targets:
                    target.write(block)
                    await target.drain()
        for target in targets:
            self._open.discard(target)
            with contextlib.suppress(OSError):
                target.close()
                await target.wait_closed()


class Address(Proxy):
    """In front of one of several processes, as a balancer is: it can be pointed at another one."""

    def __init__(self, target: int) -> None:
        """target: the port of the process."""
        super().__init__(self._reach)
        self.target = target

    async def _reach(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.target)

    @property
    def base_url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.asynccontextmanager
async def proxy_to(connect: Connect) -> AsyncIterator[Proxy]:
    """Run a proxy for the length of the block."""
    proxy = Proxy(connect)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.close()
