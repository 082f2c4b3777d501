"""`mtchat check-config`: what is wrong with the settings, what is doubtful, what is in effect."""

from dataclasses import Field
from typing import Any

import click

from mtchat.commands.configuration import settings_or_exit
from mtchat.config.settings import Settings, variables


@click.command()
@click.option("--show", is_flag=True, help="Print the settings in effect; secrets are masked.")
def check_config(show: bool) -> None:
    """Check the settings; status 2 and every mistake when they are wrong."""
    settings = settings_or_exit()
    if show:
        for line in shown_settings(settings):
            click.echo(line)
    for warning in settings.warnings:
        click.echo(f"warning: {warning}", err=True)
    click.echo("ok")


def shown_settings(settings: Settings) -> list[str]:
    """Return a line per setting, named by its variables; of secrets only whether they are set."""
    names: dict[tuple[str, str], list[str]] = {}
    values: dict[tuple[str, str], str] = {}
    for area, field, variable in variables():
        key = (area, field.name)
        names.setdefault(key, []).append(variable.name)
        values[key] = _shown(field, getattr(getattr(settings, area), field.name))
    return [f"{', '.join(names[key])} = {value}" for key, value in values.items()]


def _shown(field: "Field[Any]", value: Any) -> str:
    if value is None or value == ():
        return "(not set)"
    if field.metadata["secret"]:
        return f"({len(value)} set)" if isinstance(value, tuple) else "(set)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)
