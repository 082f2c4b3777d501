"""`mtchat openapi`: the OpenAPI document of both APIs."""

from typing import TextIO

import click


@click.command()
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="File to write; by default stdout.")
def openapi(output: TextIO) -> None:
    """Print the OpenAPI 3.1 document as JSON."""
    # The whole server, which listing the commands must not load.
    from handlers.application import ROUTES
    from handlers.openapi import document_bytes

    output.write(document_bytes(ROUTES).decode())
