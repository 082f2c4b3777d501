"""Scanners for malware that find one signature: a program, and ClamAV's daemon as far as its INSTREAM goes."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Final

# What they take for malware; the real test file would set off scanners of the machine itself.
SIGNATURE: Final = b"SIGNATURE-OF-THE-TESTS"
MALWARE: Final = b"a harmless file with a " + SIGNATURE + b" in it"


def write_scanner(folder: Path) -> Path:
    """Write a program that finds the signature in its second argument, and fails while a file `broken` is there."""
    path = folder / "a scanner"
    lines = [
        "#!/bin/sh",
        f'[ -e "{folder}/broken" ] && exit 2',
        f'grep -q {SIGNATURE.decode()} "$2" && exit 1',
        "exit 0",
    ]
    path.write_text("\n".join(lines))
    path.chmod(0o700)
    return path


class Clamd:
    """Takes pieces with their length before them and an empty one at the end; answers once.

    fault: what it does instead of answering.
    """

    def __init__(self, path: Path, signature: bytes) -> None:
        self.path = path
        self.port = 0
        self.fault = ""
        # The sizes of what came whole.
        self.received: list[int] = []
        self._signature = signature
        self._servers: list[asyncio.Server] = []
        self._stopping = asyncio.Event()
        self._serving: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen on the socket and on a port."""
        by_path = await asyncio.start_unix_server(self._serve, self.path)
        by_port = await asyncio.start_server(self._serve, "127.0.0.1")
        self.port = by_port.sockets[0].getsockname()[1]
        self._servers = [by_path, by_port]

    async def stop(self) -> None:
        """Answer nobody any more."""
        self._stopping.set()
        for server in self._servers:
            server.close()
            await server.wait_closed()
        await asyncio.gather(*self._serving)
        self.path.unlink(missing_ok=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._serving.remove(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        command = await reader.readuntil(b"\0")
        if command != b"zINSTREAM\0":
            writer.write(b"UNKNOWN COMMAND\0")
            return
        if self.fault == "hangs":
            await self._stopping.wait()
        if self.fault == "hangs up":
            return
        content = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(length)
            if self.fault == "is full":
                # As the real one, which has StreamMaxLength.
                writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.received.append(len(content))
        if self.fault == "babbles":
            writer.write(b"stream: OK, or maybe not\0")
        elif self._signature in content:
            writer.write(b"stream: Test.Signature FOUND\0")
        else:
            writer.write(b"stream: OK\0")
