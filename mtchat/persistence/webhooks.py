"""Webhook endpoints as rows. The one of the environment has a row too, without url and secret."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mtchat.persistence.pool import Database, Row

BUILTIN_ID: Final = "00000000-0000-0000-0000-000000000001"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint as the host sees it. url: None for the built-in one. waiting: deliveries that are not made yet."""

    id: str
    url: str | None
    description: str | None
    events: list[str]
    tenants: list[str]
    disabled_by: str | None
    created_at: str
    previous_secret_until: str | None
    waiting: int


@dataclass(frozen=True, slots=True)
class EndpointChange:
    """What to change; None leaves a field as it is. has_description tells a description of None from none given."""

    url: str | None = None
    events: list[str] | None = None
    tenants: list[str] | None = None
    description: str | None = None
    has_description: bool = False
    enabled: bool | None = None


async def switch_builtin_endpoint(database: Database, is_on: bool) -> None:
    """Switch the endpoint of the environment on or off; a host that switched it off is obeyed."""
    await database.execute("switch_builtin_endpoint", {"id": BUILTIN_ID, "is_on": is_on})


async def has_enabled_endpoints(database: Database) -> bool:
    """Tell whether anything is to be told to anybody."""
    return bool(await database.fetch_value("has_enabled_endpoints"))


async def insert_endpoint(
    database: Database,
    *,
    url: str,
    secret: str,
    description: str | None,
    events: Sequence[str],
    tenants: Sequence[str],
    most: int,
) -> str | None:
    """Store an endpoint and return its id; None when there are `most` already."""
    found: str | None = await database.fetch_value(
        "insert_webhook_endpoint",
        {
            "url": url,
            "secret": secret,
            "description": description,
            "events": list(events),
            "tenants": list(tenants),
            "most": most,
        },
    )
    return found


async def list_endpoints(database: Database) -> list[Endpoint]:
    """Return all endpoints, oldest first."""
    return [_endpoint(row) for row in await database.fetch_all("list_webhook_endpoints", {"id": None})]


async def find_endpoint(database: Database, endpoint_id: str) -> Endpoint | None:
    """Return one endpoint, or None."""
    row = await database.fetch_one("list_webhook_endpoints", {"id": endpoint_id})
    return None if row is None else _endpoint(row)


async def update_endpoint(database: Database, endpoint_id: str, change: EndpointChange) -> bool:
    """Change an endpoint; False when there is none."""
    return bool(
        await database.execute(
            "update_webhook_endpoint",
            {
                "id": endpoint_id,
                "url": change.url,
                "events": change.events,
                "tenants": change.tenants,
                "description": change.description,
                "has_description": change.has_description,
                "enabled": change.enabled,
            },
        )
    )


async def rotate_secret(database: Database, endpoint_id: str, secret: str, overlap_secs: int) -> str | None:
    """Give an endpoint a new secret; returns until when the old one signs too, or None without such an endpoint."""
    until: str | None = await database.fetch_value(
        "rotate_webhook_secret", {"id": endpoint_id, "secret": secret, "overlap_secs": overlap_secs}
    )
    return until


async def delete_endpoint(database: Database, endpoint_id: str) -> bool:
    """Delete an endpoint; False when there is none. Its deliveries go later, piece by piece."""
    return bool(await database.execute("delete_webhook_endpoint", {"id": endpoint_id}))


async def disable_gone_endpoint(database: Database, endpoint_id: str) -> bool:
    """Switch off an endpoint that has answered 410; False when it is off already."""
    return bool(await database.execute("disable_gone_endpoint", {"id": endpoint_id}))


def _endpoint(row: Row) -> Endpoint:
    return Endpoint(**row)
