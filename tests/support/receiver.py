"""A host's webhook receiver: a real HTTP server that does what a test tells it to, and remembers every request.

`receiver.answer = with_status(500)` sets how the next requests are answered; a behaviour is a coroutine function that
gets the request and the connection's writer and may do anything to them.
"""

import asyncio
import hashlib
import hmac
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson

Behaviour = Callable[["Hook", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Hook:
    """One request as it came; header names in lower case. at: time.monotonic() when its body was there."""

    path: str
    headers: dict[str, str]
    body: bytes
    at: float = field(default_factory=time.monotonic)

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def id(self) -> str:
        return self.headers["x-webhook-id"]

    @property
    def event(self) -> str:
        return self.headers["x-webhook-event"]

    @property
    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = self.json["payload"]
        return payload

    @property
    def text(self) -> str:
        """The content of the message it tells of."""
        return str(self.payload["message"]["content"])

    def is_signed_with(self, secret: str) -> bool:
        """What a receiver written for the original checks: HMAC over the raw bytes."""
        expected = "sha256=" + hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(expected, self.headers["x-webhook-signature"])


def with_status(status: int, body: bytes = b"", **headers: str) -> Behaviour:
    """Answer with this; header names have _ for -."""

    async def answer(_hook: Hook, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        writer.write(head.encode() + b"\r\n" + body)
        await writer.drain()

    return answer


async def hang(_hook: Hook, writer: asyncio.StreamWriter) -> None:
    """Never answer; ends when the caller has gone."""
    await writer.wait_closed()


async def close(_hook: Hook, writer: asyncio.StreamWriter) -> None:
    """Close without a word."""
    writer.close()


async def flood(_hook: Hook, writer: asyncio.StreamWriter) -> None:
    """Answer 200 with 100 MB, as far as the caller reads them."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n")
    with suppress(OSError):
        for _ in range(100_000):
            writer.write(b"x" * 1_000)
            await writer.drain()
            WRITTEN.append(1_000)
    writer.close()


WRITTEN: list[int] = []


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """The first request gets the first behaviour and so on; all later ones the last."""
    left = list(behaviours)

    async def answer(hook: Hook, writer: asyncio.StreamWriter) -> None:
        await (left.pop(0) if len(left) > 1 else left[0])(hook, writer)

    return answer


def after(told: asyncio.Event, behaviour: Behaviour) -> Behaviour:
    """Do nothing until told, then that."""

    async def answer(hook: Hook, writer: asyncio.StreamWriter) -> None:
        await told.wait()
        await behaviour(hook, writer)

    return answer


class Receiver:
    """Listens on a free port of 127.0.0.1 between start and stop."""

    def __init__(self, secret: str = "the-secret-of-the-host") -> None:
        self.secret = secret
        self.answer: Behaviour = with_status(200, b"thanks")
        self.hooks: list[Hook] = []
        self.connections = 0
        self._arrived = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._tls: ssl.SSLContext | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.port = 0

    async def start(self, tls: ssl.SSLContext | None = None, port: int = 0) -> "Receiver":
        self._tls = tls
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls, backlog=512)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http{'s' if self._tls else ''}://127.0.0.1:{self.port}/hooks"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that make it the built-in endpoint."""
        return {"WEBHOOK_URL": self.url, "WEBHOOK_SECRET": self.secret}

    def of(self, event: str) -> list[Hook]:
        return [hook for hook in self.hooks if hook.event == event]

    async def wait_for(
        self, number: int = 1, event: str | None = None, *, distinct: bool = False, within_secs: float = 20
    ) -> list[Hook]:
        """Wait until so many requests have come, of an event or of any; returns them in order.

        distinct: a delivery that came again does not count.
        """

        def found() -> list[Hook]:
            hooks = [hook for hook in self.hooks if event is None or hook.event == event]
            return list({hook.id: hook for hook in hooks}.values()) if distinct else hooks

        try:
            async with asyncio.timeout(within_secs), self._arrived:
                await self._arrived.wait_for(lambda: len(found()) >= number)
        except TimeoutError:
            raise AssertionError(f"{len(found())} of {number} {event or 'hooks'} came: {self.hooks}") from None
        return found()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        self.connections += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                line, *rest = head.split("\r\n")
                headers = {name.lower(): value for name, _, value in (entry.partition(": ") for entry in rest) if name}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                hook = Hook(line.split()[1], headers, body)
                self.hooks.append(hook)
                async with self._arrived:
                    self._arrived.notify_all()
                await self.answer(hook, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            return
        finally:
            self._serving.discard(task)
            writer.close()
