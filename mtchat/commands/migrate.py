"""`mtchat migrate`: brings the database to the newest schema."""

import click

from mtchat.commands.configuration import settings_or_exit
from mtchat.persistence.embedded import start_embedded
from mtchat.persistence.migrate import apply_migrations


@click.command()
def migrate() -> None:
    """Apply the migrations that are missing; safe at any time, also when several do it at once."""
    settings = settings_or_exit()
    url = settings.database.url
    if settings.server.embedded or url is None:
        url = start_embedded(settings.server.home)
    for name in apply_migrations(url):
        click.echo(f"applied {name}")
    click.echo("the database is up to date")
