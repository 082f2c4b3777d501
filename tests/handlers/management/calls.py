"""What the tests of the Management API send and expect."""

import re
from typing import Any

from tests.support.clients import Answer, ApiClient

DIALOG_FIELDS = {"id", "object_id", "object_type", "title", "object_url", "created_by", "created_at"}
PARTICIPANT_FIELDS = {
    "dialog_id", "user_id", "joined_at", "joined_as", "notifications_enabled", "last_read_message_id", "unread_count",
    "display_name", "company", "email", "phone", "is_archived", "is_pinned",
}  # fmt: skip
SCOPE_FIELDS = {"id", "dialog_id", "scope_level0", "scope_level1", "scope_level2", "created_at"}
WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
NOWHERE = "0199b2c4-7d1e-7a30-8c55-0f2d6b9e4a11"

ANNA = {"user_id": "anna", "display_name": "Anna", "company": "North"}
BORIS = {"user_id": "boris", "display_name": "Boris"}


def body(**fields: Any) -> dict[str, Any]:
    """The smallest complete body, with these fields on top."""
    return {"object_id": "order-1", "object_type": "order", "participants": [], **fields}


def scope(level0: list[str] | None = None, **levels: list[str]) -> dict[str, list[str]]:
    return {"scope_level0": level0 or [], "scope_level1": [], "scope_level2": [], **levels}


async def details(host: ApiClient, dialog_id: str) -> dict[str, Any]:
    answer = await host.get(f"/dialogs/{dialog_id}")
    assert answer.status == 200
    found: dict[str, Any] = answer.data
    return found


async def create(host: ApiClient, key: str | None = None, **fields: Any) -> Answer:
    return await host.post("/dialogs", body(**fields), headers={"Idempotency-Key": key} if key is not None else None)
