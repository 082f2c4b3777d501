"""Asks a program or ClamAV's daemon whether a file is malware. Whatever is no clear answer is asked again later."""

import asyncio
import shlex
from asyncio.subprocess import DEVNULL
from contextlib import suppress
from pathlib import Path
from typing import Final

from mtchat.config.settings import StorageSettings
from mtchat.core.errors import Unavailable

# ClamAV reads some 20 MB a second; archives in archives take longer.
SCAN_SECS: Final = 120.0
_PIECE_BYTES: Final = 256 * 1024
_ANSWER_BYTES: Final = 4_096


class Scanner:
    """Asks whatever the settings name; nothing named finds everything clean."""

    def __init__(self, settings: StorageSettings, scan_secs: float = SCAN_SECS) -> None:
        self._command = shlex.split(settings.scan_command) if settings.scan_command else []
        self._address = settings.clamd_address
        self._scan_secs = scan_secs

    async def is_infected(self, path: Path) -> bool:
        """Whether the file is malware. Raises Unavailable when nobody can say."""
        try:
            async with asyncio.timeout(self._scan_secs):
                if self._address:
                    return await _ask_clamd(self._address, path)
                return await _ask_program(self._command, path) if self._command else False
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            raise Unavailable(f"the scanner does not answer: {type(error).__name__}") from error


async def _ask_program(command: list[str], path: Path) -> bool:
    process = await asyncio.create_subprocess_exec(*command, str(path), stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL)
    try:
        status = await process.wait()
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if status not in (0, 1):
        raise Unavailable(f"the scanner ended with status {status}")
    return status == 1


async def _ask_clamd(address: str, path: Path) -> bool:
    """The daemon's INSTREAM: pieces with their length before them, an empty one at the end."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    else:
        reader, writer = await asyncio.open_unix_connection(address)
    try:
        writer.write(b"zINSTREAM\0")
        with path.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                writer.write(len(piece).to_bytes(4, "big") + piece)
                await writer.drain()
        writer.write(bytes(4))
        await writer.drain()
        answer = (await reader.read(_ANSWER_BYTES)).rstrip(b"\0\n")
    finally:
        # Not closed in order: that would wait for a daemon that hangs to take what it was sent.
        writer.transport.abort()
    if answer.endswith(b" FOUND"):
        return True
    if answer.endswith(b" OK"):
        return False
    raise Unavailable("the scanner gave no clear answer")
