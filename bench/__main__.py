"""`python -m bench [NAME...] [--quick]`: measures, and prints a table as it goes."""

import importlib
import sys
import time
from typing import Final

import click

from bench.run import Row
from bench.server import machine

SCRIPTS: Final = ("sends", "reads", "fanout", "sockets", "processes", "webhooks", "files")
_HEADINGS: Final = ("work", "measured", "at least", "aim", "limit in the same run", "errors")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(SCRIPTS))
@click.option("--quick", is_flag=True, help="A short form of each; the figures are rougher.")
@click.option("--list", "only_list", is_flag=True, help="Print what can be measured.")
def main(names: tuple[str, ...], quick: bool, only_list: bool) -> None:
    """Measure the server beside its limits, on this machine, over loopback."""
    if only_list:
        for name in SCRIPTS:
            click.echo(f"{name:10} {(importlib.import_module(f'bench.{name}').__doc__ or '').strip()}")
        return
    click.echo(f"{machine()}\n")
    click.echo(f"| {' | '.join(_HEADINGS)} |\n|{'---|' * len(_HEADINGS)}")
    for name in names or SCRIPTS:
        started = time.monotonic()
        print(f"… {name}", file=sys.stderr, flush=True)
        for row in importlib.import_module(f"bench.{name}").run(quick):
            click.echo(_line(row))
        print(f"… {name}: {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)


def _line(row: Row) -> str:
    return f"| {' | '.join((row.work, row.measured, row.at_least, row.aim, row.limit, row.errors))} |"


if __name__ == "__main__":
    main()
