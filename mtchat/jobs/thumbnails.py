"""The loop of a worker that looks at new files: scans them, draws their thumbnails."""

import asyncio
from typing import Final

import structlog

from mtchat.core.attachments import FILES
from mtchat.core.errors import Unavailable
from mtchat.core.file_work import LEASE_SECS, work_on
from mtchat.core.services import Services
from mtchat.jobs import metrics
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.drawing import Draughtsman
from mtchat.jobs.scanning import Scanner
from mtchat.persistence.attachments import DueFile, claim_due_files, secs_until_files_due

log = structlog.get_logger(__name__)

SWEEP_SECS: Final = 5.0
# While one is drawn the next one is fetched; two fill a processor.
_SIDE_BY_SIDE: Final = 2


async def look_at_files(services: Services, bridge: Bridge) -> None:
    """Work on files as they come, until cancelled; what is under way then is due again after its lease."""
    draughtsman, scanner = Draughtsman(), Scanner(services.settings.storage)
    try:
        while True:
            try:
                if not await look_at_due_files(services, draughtsman, scanner):
                    secs = await secs_until_files_due(services.database)
                    await bridge.wait(FILES, SWEEP_SECS if secs is None else min(max(secs, 0.05), SWEEP_SECS))
            except Unavailable:
                await asyncio.sleep(SWEEP_SECS)
            except Exception:
                log.exception("job_failed", job=FILES)
                metrics.JOB_FAILURES.labels(FILES).inc()
                await asyncio.sleep(SWEEP_SECS)
    finally:
        await draughtsman.close()


async def look_at_due_files(services: Services, draughtsman: Draughtsman, scanner: Scanner) -> int:
    """Work on what is due now; returns how many files that was."""
    files = await claim_due_files(services.database, _SIDE_BY_SIDE, LEASE_SECS)
    await asyncio.gather(*(_look_at(services, draughtsman, scanner, file) for file in files))
    return len(files)


async def _look_at(services: Services, draughtsman: Draughtsman, scanner: Scanner, file: DueFile) -> None:
    try:
        await work_on(services, draughtsman, scanner, file)
        metrics.FILES.inc()
    except Unavailable:
        # The database is away; after the lease somebody goes on.
        log.warning("file_left", attachment_id=file.id)
    except Exception:
        # One file is no reason to leave the others.
        log.exception("file_failed", attachment_id=file.id)
        metrics.JOB_FAILURES.labels(FILES).inc()
