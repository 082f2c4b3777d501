"""What the tests of webhooks share: dialogs, messages and endpoints made in a line."""

from typing import Any

from mtchat.persistence.webhooks import BUILTIN_ID
from tests.support.clients import ApiClient

BUILTIN = f"/webhooks/{BUILTIN_ID}"


async def make_webhook(host: ApiClient, url: str, *events: str, **fields: Any) -> dict[str, Any]:
    """Make an endpoint through the Management API; by default it hears of messages."""
    answer = await host.post("/webhooks", {"url": url, "events": list(events) or ["message.new"], **fields})
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.data
    return made


async def listen_to(host: ApiClient, *events: str, path: str = BUILTIN) -> None:
    """Let an endpoint, by default the built-in one, hear of exactly these events."""
    answer = await host.put(path, {"events": list(events)})
    assert answer.status == 200, answer.body


async def deliveries(host: ApiClient, path: str = BUILTIN, **query: Any) -> list[dict[str, Any]]:
    """Deliveries of an endpoint, newest first."""
    answer = await host.get(f"{path}/deliveries", **query)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.data
    return found
