"""The loop of a worker that removes from the storage what nobody needs any more."""

import asyncio
import time
from typing import Final

import structlog

from mtchat.core.errors import Unavailable
from mtchat.core.file_cleanup import abandon_uploads, remove_objects
from mtchat.core.services import Services
from mtchat.jobs import metrics

log = structlog.get_logger(__name__)

NAME: Final = "storage_cleanup"
_SWEEP_SECS: Final = 5.0
_ABANDON_SECS: Final = 600.0


async def clean_storage(services: Services) -> None:
    """Remove objects as they become useless, until cancelled."""
    abandoned_at = float("-inf")
    while True:
        try:
            if time.monotonic() - abandoned_at > _ABANDON_SECS:
                abandoned_at = time.monotonic()
                count = await abandon_uploads(services)
                if count:
                    log.info("uploads_abandoned", objects=count)
            count = await remove_objects(services)
            metrics.OBJECTS_REMOVED.inc(count)
            if not count:
                await asyncio.sleep(_SWEEP_SECS)
        except Unavailable:
            await asyncio.sleep(_SWEEP_SECS)
        except Exception:
            log.exception("job_failed", job=NAME)
            metrics.JOB_FAILURES.labels(NAME).inc()
            await asyncio.sleep(_SWEEP_SECS)
