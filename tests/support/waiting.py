"""Waits for what nobody announces: a file, a folder, another process' commit. What has an event is awaited instead."""

import asyncio
from collections.abc import Callable


async def until(condition: Callable[[], bool], within_secs: float = 10.0) -> None:
    """Look again and again until this holds. Raises TimeoutError."""
    async with asyncio.timeout(within_secs):
        while not condition():  # noqa: ASYNC110  # there is no event, see above
            await asyncio.sleep(0.005)
