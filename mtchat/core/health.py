"""What the process can say about itself and about the database it cannot do without."""

import asyncio
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import structlog

from mtchat.core.errors import ChatError
from mtchat.core.services import Services

# A load balancer asks every few seconds and gives up after about as many.
DATABASE_PATIENCE_SECS: Final = 3.0

_log = structlog.stdlib.get_logger("mtchat.health")


async def database_answers(services: Services) -> bool:
    """Whether the database answers a query within a few seconds; never raises."""
    try:
        async with asyncio.timeout(DATABASE_PATIENCE_SECS):
            await services.database.fetch_value("ping")
    except (ChatError, TimeoutError) as error:
        _log.warning("the database does not answer", why=str(error) or type(error).__name__)
        return False
    return True


@cache
def running_version() -> str:
    """Return the version of the installed program; "0" when it runs from a folder that was never installed."""
    try:
        return version("mtchat")
    except PackageNotFoundError:
        return "0"
