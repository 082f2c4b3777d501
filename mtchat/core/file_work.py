"""The rules of what workers do with a file once its message was sent: look for malware, draw a thumbnail, tell."""

import tempfile
from pathlib import Path
from typing import Final, Protocol

import structlog

from mtchat.core.errors import Unavailable
from mtchat.core.file_types import THUMBNAILED
from mtchat.core.links import thumbnail_key
from mtchat.core.services import Services
from mtchat.persistence import attachments as rows
from mtchat.persistence.attachments import DueFile, Findings
from mtchat.persistence.storage_deletions import queue_deletions

log = structlog.get_logger(__name__)

# Longer than fetching 100 MiB, scanning and drawing take together.
LEASE_SECS: Final = 300.0
# A file whose work has ended with the worker itself so often gets no thumbnail.
_MAX_LOST_WORKERS: Final = 5
# A file that is not in the storage is looked for so often: some fifteen minutes.
_MAX_SEARCHES: Final = 5
_FIRST_RETRY_SECS: Final = 30.0
_LONGEST_RETRY_SECS: Final = 3_600.0


class Drawn(Protocol):
    """Size in pixels and type of a thumbnail; each may be missing."""

    @property
    def width(self) -> int | None: ...
    @property
    def height(self) -> int | None: ...
    @property
    def thumbnail_type(self) -> str | None: ...


class Draws(Protocol):
    """Draws thumbnails; never raises because of what is in a file."""

    async def draw(self, source: Path, target: Path, content_type: str) -> Drawn:
        """Write a thumbnail of a file, if that can be done."""


class Scans(Protocol):
    """Looks for malware."""

    async def is_infected(self, path: Path) -> bool:
        """Whether a file is malware. Raises Unavailable when nobody can say."""


async def work_on(services: Services, draughtsman: Draws, scanner: Scans, file: DueFile) -> None:
    """Do what there is to do with a file a worker has taken on; what cannot be done now is due again later."""
    try:
        with tempfile.TemporaryDirectory(prefix="mtchat-") as folder:
            source = Path(folder, "source")
            if not await services.storage.fetch(file.key, source):
                await _settle_missing(services, file)
                return
            state = file.state
            if state == "scanning":
                state = await _scanned(services, scanner, file, source)
            if state == "ready" and file.content_type in THUMBNAILED:
                await _draw(services, draughtsman, file, source, Path(folder, "target"))
    except Unavailable as error:
        delay_secs = min(_FIRST_RETRY_SECS * 2.0 ** min(file.delays, 10), _LONGEST_RETRY_SECS)
        log.warning("file_put_off", attachment_id=file.id, why=error.message, retry_secs=delay_secs)
        await rows.postpone_file(services.database, file, delay_secs)


async def _settle_missing(services: Services, file: DueFile) -> None:
    """Give a lost file up, after a while: a storage whose rights are wrong says the same of every file.

    One that nobody has scanned is never given up: nobody could open it when it is back.
    """
    if file.state == "scanning" or file.delays < _MAX_SEARCHES:
        raise Unavailable("the file is not in the storage")
    log.warning("file_is_missing", attachment_id=file.id)
    await rows.settle_file(services.database, file)


async def _scanned(services: Services, scanner: Scans, file: DueFile, source: Path) -> str:
    """Find out whether a file may be opened, and tell; a clean picture is told of before it is drawn."""
    infected = await scanner.is_infected(source)
    if infected:
        log.warning("file_is_infected", attachment_id=file.id, dialog_id=file.dialog_id)
    state = "infected" if infected else "ready"
    await _tell(services, file, Findings(state, is_done=infected or file.content_type not in THUMBNAILED))
    return state


async def _draw(services: Services, draughtsman: Draws, file: DueFile, source: Path, target: Path) -> None:
    has_lost = file.attempts - file.delays > _MAX_LOST_WORKERS
    drawn = None if has_lost else await draughtsman.draw(source, target, file.content_type)
    if drawn is None or drawn.width is None:
        await rows.settle_file(services.database, file)
        return
    if drawn.thumbnail_type is not None:
        await services.storage.put(thumbnail_key(file.dialog_id, file.id), target, drawn.thumbnail_type)
    await _tell(services, file, Findings("ready", drawn.width, drawn.height, drawn.thumbnail_type))


async def _tell(services: Services, file: DueFile, findings: Findings) -> None:
    event = await rows.finish_file(services.database, services.links.attachments, file, findings)
    if event is not None:
        services.publisher.publish(event)
        services.jobs.ring()
    elif findings.thumbnail_type is not None:
        # The message was deleted meanwhile; nobody else knows of what was just stored.
        await queue_deletions(services.database, [thumbnail_key(file.dialog_id, file.id)])
