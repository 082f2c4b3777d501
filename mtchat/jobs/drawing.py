"""The parent of the process that draws thumbnails: starts it, asks it, ends it when it hangs or dies."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import structlog

log = structlog.get_logger(__name__)

_CHILD: Final = Path(__file__).with_name("drawing_child.py")
# Beside the processor's time, which the child limits itself: it may also just wait.
DRAWING_SECS: Final = 30.0
# Libraries leak a little with each broken file.
_DRAWINGS_OF_ONE: Final = 100
_END_SECS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """What became of a file: its size in pixels, if it has one, and the type of the thumbnail, if there is one."""

    width: int | None
    height: int | None
    thumbnail_type: str | None


_NOTHING: Final = Drawing(None, None, None)


class Draughtsman:
    """One child process, started with the first drawing. For one event loop, one drawing at a time."""

    def __init__(self, drawing_secs: float = DRAWING_SECS) -> None:
        self._drawing_secs = drawing_secs
        self._process: Process | None = None
        self._drawn = 0
        self._lock = asyncio.Lock()

    async def draw(self, source: Path, target: Path, content_type: str) -> Drawing:
        """Write a thumbnail of a file; whatever a file does to the child, the answer is that there is none."""
        async with self._lock:
            process = await self._child()
            asked = {"source": str(source), "target": str(target), "content_type": content_type}
            try:
                async with asyncio.timeout(self._drawing_secs):
                    answer = await _ask(process, orjson.dumps(asked) + b"\n")
            except (TimeoutError, OSError, ValueError) as error:
                log.info("drawing_failed", why=type(error).__name__, status=process.returncode)
                await self._end()
                return _NOTHING
            except asyncio.CancelledError:
                await self._end()
                raise
            if answer.get("why"):
                log.debug("drawing_refused", why=answer["why"])
            return Drawing(answer["width"], answer["height"], answer["thumbnail"])

    async def close(self) -> None:
        """End the child."""
        await self._end()

    async def _child(self) -> Process:
        if self._process is not None and (self._drawn >= _DRAWINGS_OF_ONE or self._process.returncode is not None):
            await self._end()
        if self._process is None:
            self._process = await asyncio.create_subprocess_exec(
                # -I: nothing of the environment or the working directory decides what is loaded.
                sys.executable, "-I", str(_CHILD), stdin=PIPE, stdout=PIPE, stderr=asyncio.subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin"}, cwd="/", close_fds=True, start_new_session=True,
            )  # fmt: skip
            self._drawn = 0
        self._drawn += 1
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with suppress(ProcessLookupError):
            process.kill()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _END_SECS)


async def _ask(process: Process, line: bytes) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line)
    await process.stdin.drain()
    answer = await process.stdout.readline()
    if not answer:
        raise OSError("the child has ended")
    parsed: dict[str, Any] = orjson.loads(answer)
    return parsed
