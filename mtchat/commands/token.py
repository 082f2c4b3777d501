"""`mtchat token`: a signed token for trying things, as the host's backend would make it."""

import time
from typing import Any

import click
import jwt

from mtchat.commands.configuration import settings_or_exit
from mtchat.config.settings import ConfigError
from mtchat.core.scopes import LEVEL_NAMES


@click.command()
@click.option("--user", required=True, help="Id of the user the token is for.")
@click.option("--scope0", multiple=True, metavar="VALUE", help="Signed scope of level 0; may be repeated.")
@click.option("--scope1", multiple=True, metavar="VALUE", help="Signed scope of level 1.")
@click.option("--scope2", multiple=True, metavar="VALUE", help="Signed scope of level 2.")
@click.option(
    "--ttl", "ttl_secs", type=click.IntRange(min=1), default=3600, show_default=True, help="Seconds it is good for."
)
@click.option("--secret", help="Key to sign with; by default the first of JWT_SECRET and JWT_SECRETS.")
def token(
    user: str,
    scope0: tuple[str, ...],
    scope1: tuple[str, ...],
    scope2: tuple[str, ...],
    ttl_secs: int,
    secret: str | None,
) -> None:
    """Print an HS256 token with the claims that the settings ask for."""
    if not user:
        raise click.BadParameter("must not be empty.", param_hint="--user")
    auth = settings_or_exit().auth
    key = secret or next(iter(auth.jwt_secrets), None)
    if key is None:
        raise ConfigError(["JWT_SECRET: is not set. Set it, or give the key with --secret."])
    now = int(time.time())
    claims: dict[str, Any] = {auth.jwt_user_id_claim: user, "iat": now, "exp": now + ttl_secs}
    if auth.jwt_audience is not None:
        claims["aud"] = auth.jwt_audience
    scopes = dict(zip(LEVEL_NAMES, map(list, (scope0, scope1, scope2)), strict=True))
    if any(scopes.values()):
        claims[auth.jwt_scope_claim] = scopes
    click.echo(jwt.encode(claims, key, algorithm="HS256"))
