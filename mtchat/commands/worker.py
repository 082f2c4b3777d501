"""`mtchat worker`: the process that does the jobs, any number of them beside the serving ones."""

import asyncio
import os
import signal

import click
import structlog
import uvloop
from prometheus_client import start_http_server

from mtchat.assembly import close_services, open_services
from mtchat.commands.configuration import settings_or_exit
from mtchat.commands.serve import database_of, migrate
from mtchat.config.logging import configure_logging
from mtchat.config.settings import Settings
from mtchat.core.errors import ChatError
from mtchat.jobs.worker import work

log = structlog.get_logger(__name__)


@click.command()
def worker() -> None:
    """Deliver webhooks, notify, archive and clean up. SIGINT or SIGTERM: finishes what is under way, within 20 s."""
    settings = settings_or_exit()
    configure_logging(settings.logging)
    if not settings.webhooks.enabled:
        log.info("builtin_webhook_off", reason="WEBHOOK_URL and WEBHOOK_SECRET are not both set for this worker")
    try:
        with database_of(settings) as complete:
            if complete.server.migrate_on_start:
                migrate(complete)
            _serve_metrics(complete)
            uvloop.run(_work(complete))
    except ChatError as error:
        raise click.ClickException(error.message) from None


def _serve_metrics(settings: Settings) -> None:
    port = settings.worker.metrics_port
    if not port:
        return
    try:
        start_http_server(port, settings.server.host)
    except OSError as error:
        raise click.ClickException(
            f"cannot listen on {settings.server.host}:{port}: {error.strerror}; choose another WORKER_METRICS_PORT"
        ) from None


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    services = await open_services(settings, serves=False)
    try:
        log.info("worker_starting", pid=os.getpid())
        await work(services, stop)
    finally:
        await close_services(services)
    log.info("worker_stopped")
