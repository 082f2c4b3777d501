"""The command `mtchat`: each subcommand is one file of mtchat/commands, imported only when it is asked for.

Wrong settings end any of them with status 2 and every mistake on standard error; a database that cannot be had with 1.
"""

import importlib
import importlib.util
from typing import Any, Final

import click
import psycopg

from mtchat.config.settings import ConfigError
from mtchat.persistence.embedded import EmbeddedDatabaseError

CONFIG_ERROR_STATUS: Final = 2
FAILURE_STATUS: Final = 1
# A subcommand `a-b` is the click command `a_b` in mtchat/commands/a_b.py.
COMMANDS: Final = ("check-config", "demo", "jobs", "migrate", "openapi", "serve", "storage", "token", "worker")


class CommandFolder(click.Group):
    """A group whose subcommands are modules of mtchat/commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all subcommands."""
        return [name for name in COMMANDS if importlib.util.find_spec(_module_name(name)) is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one subcommand; None when there is none of this name."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = getattr(importlib.import_module(_module_name(cmd_name)), cmd_name.replace("-", "_"))
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; what the operator has to mend is said in sentences, without a traceback."""
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo("The settings are wrong, nothing was started:", err=True)
            for problem in error.problems:
                click.echo(f"- {problem}", err=True)
            ctx.exit(CONFIG_ERROR_STATUS)
        except (psycopg.OperationalError, EmbeddedDatabaseError) as error:
            click.echo(f"The database cannot be used: {str(error).strip()}", err=True)
            ctx.exit(FAILURE_STATUS)


@click.command(cls=CommandFolder, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mtchat", prog_name="mtchat")
def main() -> None:
    """MTChat: a self-hosted chat that a product puts into its own pages."""


def _module_name(command: str) -> str:
    return f"mtchat.commands.{command.replace('-', '_')}"
