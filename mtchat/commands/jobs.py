"""`mtchat jobs`: what waits, what failed, and doing one thing now; for operators at a terminal."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import click
import uvloop

from mtchat.assembly import close_services, open_services
from mtchat.commands.configuration import settings_or_exit
from mtchat.commands.serve import database_of
from mtchat.config.logging import configure_logging
from mtchat.core.archiving import archive_idle_dialogs
from mtchat.core.errors import ChatError
from mtchat.core.notifications import secs_until_due
from mtchat.core.schemas.fields import normal_uuid
from mtchat.core.services import Services
from mtchat.core.webhooks import SEEN_AT_ONCE, time_of
from mtchat.jobs.app import ARCHIVE, CLEANUP, WEBHOOKS
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.loops import clean_up_once
from mtchat.jobs.sending import Sender
from mtchat.jobs.webhooks import Deliverer
from mtchat.persistence import deliveries as rows
from mtchat.persistence.webhooks import BUILTIN_ID

Job = Callable[[Services], Awaitable[str]]


@click.group(invoke_without_command=True)
@click.pass_context
def jobs(ctx: click.Context) -> None:
    """Show what waits for the workers; without a subcommand the same as `waiting`."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(waiting)


@jobs.command()
def waiting() -> None:
    """What waits, by endpoint."""
    _with_services(_waiting)


@jobs.command()
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True, help="At most so many.")
def failed(limit: int) -> None:
    """The deliveries given up last."""
    _with_services(lambda services: _failed(services, limit))


@jobs.command()
@click.argument("what")
def run(what: str) -> None:
    """Do one thing now: `webhooks`, `archive`, `cleanup`, or the delivery of this id."""
    job = _JOBS.get(what)
    if job is None:
        delivery_id = normal_uuid(what)
        if delivery_id is None:
            raise click.UsageError(f"give {', '.join(_JOBS)}, or the id of a delivery")
        _with_services(lambda services: _run_delivery(services, delivery_id))
    else:
        _with_services(job)


def _with_services(job: Job) -> None:
    settings = settings_or_exit()
    configure_logging(settings.logging)

    async def run_job() -> str:
        services = await open_services(complete, serves=False)
        try:
            return await job(services)
        finally:
            await close_services(services)

    try:
        with database_of(settings) as complete:
            click.echo(uvloop.run(run_job()))
    except ChatError as error:
        raise click.ClickException(error.message) from None


async def _waiting(services: Services) -> str:
    lines = [f"{'endpoint':38}{'waiting':>9}{'due now':>9}{'late':>9}  state"]
    await rows.enqueue(services.database, SEEN_AT_ONCE)
    for row in await rows.count_waiting(services.database):
        name = "WEBHOOK_URL" if row["id"] == BUILTIN_ID else row["id"]
        state = f"disabled by {row['disabled_by']}" if row["disabled_by"] else "enabled"
        late = f"{max(row['overdue_secs'], 0):.0f} s" if row["due_lanes"] else "-"
        lines.append(f"{name:38}{row['waiting']:>9}{row['due_lanes']:>9}{late:>9}  {state}")
    due = await secs_until_due(services)
    lines.append("notifications: " + ("none wait" if due is None else f"the next one is due in {max(due, 0):.0f} s"))
    return "\n".join(lines)


async def _failed(services: Services, limit: int) -> str:
    found = await rows.list_failures(services.database, limit)
    return "\n".join(map(_failure_line, found)) or "nothing failed"


def _failure_line(row: dict[str, Any]) -> str:
    last = row["attempts"][-1] if row["attempts"] else {"status": None, "error": None}
    cause = f"answered {last['status']}" if last["status"] else last["error"]
    at = time_of(row["id"]).strftime("%Y-%m-%d %H:%M:%S")
    return f"{row['id']}  {at}  {row['event']:<22}{len(row['attempts']):>3} tries  {cause}"


async def _run_webhooks(services: Services) -> str:
    sender = Sender()
    try:
        lanes = await Deliverer(services, Bridge(), sender).run_until_idle()
    finally:
        await sender.close()
    return f"worked on {lanes} dialogs; nothing is due now"


async def _run_archive(services: Services) -> str:
    return f"archived for {await archive_idle_dialogs(services)} people"


async def _run_cleanup(services: Services) -> str:
    removed = await clean_up_once(services)
    return "removed " + ", ".join(f"{number} {kind}" for kind, number in removed.items())


async def _run_delivery(services: Services, delivery_id: str) -> str:
    """A finished one is made again; one that waits is due now, after those before it in its dialog."""
    if await rows.replay(services.database, [delivery_id]) or await rows.hasten(services.database, delivery_id):
        return await _run_webhooks(services)
    raise click.ClickException("there is no such delivery, or its body is erased")


_JOBS: Final[dict[str, Job]] = {WEBHOOKS: _run_webhooks, ARCHIVE: _run_archive, CLEANUP: _run_cleanup}
