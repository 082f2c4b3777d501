"""`mtchat serve`: one process of the service, from settings to a clean stop."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from typing import Final

import click
import structlog
import uvloop

from handlers.application import make_app, make_server
from handlers.routing import RouteEntry
from mtchat.assembly import close_services, open_services
from mtchat.commands.configuration import settings_or_exit
from mtchat.config.logging import configure_logging
from mtchat.config.settings import Settings
from mtchat.core.errors import ChatError
from mtchat.core.services import Services
from mtchat.jobs.embedded import EmbeddedWorker
from mtchat.persistence.embedded import open_embedded
from mtchat.persistence.migrate import apply_migrations

Started = Callable[[Services], Awaitable[None]]

log = structlog.get_logger(__name__)

# Together below the 20 s within which a process promises to be gone; a supervisor should wait longer than that.
FINISH_REQUESTS_SECS: Final = 12.0
CLOSE_CONNECTIONS_SECS: Final = 2.0


@click.command()
@click.option("--host", help="Address to listen on  [HOST, by default 0.0.0.0].")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on  [PORT, by default 8080].")
@click.option("--embedded", is_flag=True, help="Run PostgreSQL inside, under MTCHAT_HOME, by default ./var.")
def serve(host: str | None, port: int | None, embedded: bool) -> None:
    """Serve both APIs and the WebSocket; without DATABASE_URL on an embedded database. SIGTERM stops it cleanly."""
    settings = with_overrides(settings_or_exit(), host=host, port=port, embedded=embedded)
    configure_logging(settings.logging)
    for warning in settings.warnings:
        log.warning("settings", warning=warning)
    serve_until_stopped(settings)


def with_overrides(settings: Settings, *, host: str | None, port: int | None, embedded: bool = False) -> Settings:
    """Return the settings with what the command line says put over them."""
    server = replace(
        settings.server,
        host=host or settings.server.host,
        port=port or settings.server.port,
        embedded=embedded or settings.server.embedded,
    )
    return replace(settings, server=server)


def serve_until_stopped(
    settings: Settings, *, routes: Iterable[RouteEntry] = (), started: Started | None = None
) -> None:
    """Serve until SIGTERM or SIGINT. Raises ClickException when that cannot be.

    routes: further ones beside those of the interface. started: awaited once the port is open.
    """
    try:
        with database_of(settings) as complete:
            if complete.server.migrate_on_start:
                migrate(complete)
            uvloop.run(_serve(complete, routes, started))
    except ChatError as error:
        raise click.ClickException(error.message) from None
    except OSError as error:
        place = f"{settings.server.host}:{settings.server.port}"
        raise click.ClickException(f"cannot listen on {place}: {error.strerror}; choose another --port") from None


@contextlib.contextmanager
def database_of(settings: Settings) -> Iterator[Settings]:
    """Yield settings that name a database; the embedded one runs as long as the block does."""
    if not settings.uses_embedded_database:
        yield settings
        return
    embedded = open_embedded(settings.server.home)
    try:
        yield replace(
            settings,
            server=replace(settings.server, embedded=True),
            database=replace(settings.database, url=embedded.url),
        )
    finally:
        embedded.stop()


def migrate(settings: Settings) -> None:
    """Apply the migrations that are missing; waits when another process is at it."""
    assert settings.database.url is not None
    for name in apply_migrations(settings.database.url):
        log.info("migration_applied", migration=name)


async def _serve(settings: Settings, routes: Iterable[RouteEntry], started: Started | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    services = await open_services(settings)
    # Beside a database of one's own there is nobody else to do the jobs.
    worker = EmbeddedWorker(services) if settings.server.embedded else None
    try:
        if worker is not None:
            worker.start()
        app = make_app(services, routes)
        server = make_server(app)
        server.listen(settings.server.port, settings.server.host)
        log.info("serving", host=settings.server.host, port=settings.server.port, pid=os.getpid())
        if started is not None:
            await started(services)
        await stop.wait()
        log.info("stopping", requests=app.in_flight)
        # New connections are refused, sockets are sent away with spread-out return times, requests finish, and each
        # connection with the next one.
        server.stop()
        server.conn_params.no_keep_alive = True
        services.hub.drain()
        await app.drain(FINISH_REQUESTS_SECS)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.close_all_connections(), CLOSE_CONNECTIONS_SECS)
    finally:
        if worker is not None:
            await worker.stop()
        await close_services(services)
    log.info("stopped")
