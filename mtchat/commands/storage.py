"""`mtchat storage`: what an operator asks about files."""

import asyncio
from collections.abc import Callable, Iterable
from typing import TypeVar

import click

from mtchat.assembly import close_services, open_services
from mtchat.commands.configuration import settings_or_exit
from mtchat.commands.serve import database_of
from mtchat.config.logging import configure_logging
from mtchat.config.settings import Settings
from mtchat.core.errors import ChatError
from mtchat.core.file_cleanup import Differences, compare

Item = TypeVar("Item")

# Enough to see what it is about; the count is always given.
_SHOWN = 20
DIFFERENCES_STATUS = 1


@click.group()
def storage() -> None:
    """Look after the storage of files."""


@storage.command()
@click.option("--fix", is_flag=True, help="Remove what nobody needs, and have lost thumbnails made again.")
@click.pass_context
def check(context: click.Context, fix: bool) -> None:
    """Compare the storage with the database; status 1 when a file of a message is missing, or strays are left."""
    settings = settings_or_exit()
    configure_logging(settings.logging)
    try:
        with database_of(settings) as complete:
            found = asyncio.run(_compare(complete, fix))
    except ChatError as error:
        raise click.ClickException(error.message) from None
    for line in report(found, fix):
        click.echo(line)
    if found.missing or ((found.strays or found.thumbnails) and not fix):
        context.exit(DIFFERENCES_STATUS)


async def _compare(settings: Settings, fix: bool) -> Differences:
    services = await open_services(settings, serves=False)
    try:
        return await compare(services, fix=fix)
    finally:
        await close_services(services)


def report(found: Differences, fix: bool) -> list[str]:
    """Return what the comparison has found, in lines for people."""
    size = sum(entry.size for entry in found.strays)
    return [
        f"objects: {found.objects:,}",
        f"strays, which nobody needs: {len(found.strays):,} ({size:,} bytes)"
        f"{_done(fix, found.strays, 'to be removed')}",
        *_listed(found.strays, lambda entry: f"{entry.key}  {entry.size:,} bytes"),
        f"lost thumbnails: {len(found.thumbnails):,}{_done(fix, found.thumbnails, 'to be made again')}",
        *_listed(found.thumbnails, lambda file: file.key),
        f"missing files of messages: {len(found.missing):,}",
        *_listed(found.missing, lambda file: f"{file.key}  message {file.message_id}"),
    ]


def _done(fix: bool, items: list[Item], what: str) -> str:
    return f", {what} by a worker" if fix and items else ""


def _listed(items: list[Item], show: Callable[[Item], str]) -> Iterable[str]:
    yield from (f"  {show(item)}" for item in items[:_SHOWN])
    if len(items) > _SHOWN:
        yield f"  and {len(items) - _SHOWN:,} more"
