"""`mtchat demo`: an embedded, filled chat on this machine, with a page where two people talk side by side."""

from dataclasses import replace

import click

from handlers.demo import ROUTES
from mtchat import demo_story
from mtchat.commands.configuration import settings_or_exit
from mtchat.commands.serve import serve_until_stopped, with_overrides
from mtchat.config.logging import configure_logging
from mtchat.core.services import Services


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65_535), help="Port to listen on  [PORT, by default 8080].")
def demo(host: str, port: int | None) -> None:
    """Serve an embedded chat with two companies in it; its state survives a restart."""
    settings = with_overrides(settings_or_exit(), host=host, port=port, embedded=True)
    # The page names its people in the query: nobody has to sign in to look around.
    settings = replace(settings, auth=replace(settings.auth, jwt_enabled=False))
    address = f"http://{host}:{settings.server.port}"
    # Links to files start with the address that is printed, or the page's policy would not let them in.
    public_url = settings.storage.public_url or address
    settings = replace(settings, storage=replace(settings.storage, public_url=public_url))
    configure_logging(settings.logging)

    async def started(services: Services) -> None:
        await demo_story.tell(services)
        click.echo(f"\n  The demo is ready:  {address}/demo\n  Ctrl+C stops it.\n")
        if not settings.server.demo_dir.is_dir():
            click.echo("  Its page is not built yet: it says how.\n")

    serve_until_stopped(settings, routes=ROUTES, started=started)
