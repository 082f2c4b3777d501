"""Makes dialogs, people and messages through the public calls, so that a test says only what matters to it."""

import itertools
from typing import Any

from tests.support.clients import ApiClient

_numbers = itertools.count(1)


async def make_dialog(
    host: ApiClient,
    people: list[str] | None = None,
    *,
    scopes: list[dict[str, list[str]]] | None = None,
    companies: dict[str, str] | None = None,
    **fields: Any,
) -> str:
    """Create a dialog with these people through the Management API and return its id.

    Each person's display name is the id with a capital; `companies` maps user id -> company.
    """
    number = next(_numbers)
    named = [
        {"user_id": user_id, "display_name": user_id.capitalize(), "company": (companies or {}).get(user_id)}
        for user_id in (people if people is not None else ["anna", "boris"])
    ]
    body = {
        "object_id": f"order-{number}",
        "object_type": "order",
        "title": f"Order {number}",
        "participants": named,
        "access_scopes": scopes or [],
        **fields,
    }
    answer = await host.post("/dialogs", body)
    assert answer.status == 200, answer.body
    return str(answer.data["id"])


async def send(client: ApiClient, dialog_id: str, content: str = "<p>hello</p>", **fields: Any) -> dict[str, Any]:
    """Send a message as this client and return it."""
    answer = await client.post(f"/dialogs/{dialog_id}/messages", {"content": content, **fields})
    assert answer.status == 200, answer.body
    message: dict[str, Any] = answer.data
    return message


async def unread(client: ApiClient, dialog_id: str) -> int:
    """The caller's unread count of a dialog."""
    answer = await client.get(f"/dialogs/{dialog_id}")
    assert answer.status == 200, answer.body
    count: int = answer.data["unread_count"]
    return count
