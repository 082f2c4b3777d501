"""The people, objects and conversations a demo starts with: two companies that ship things for each other."""

from typing import Any, Final

import orjson

from mtchat.core.access import Actor
from mtchat.core.dialogs import create_dialog, find_dialog
from mtchat.core.messages import NewMessage, send_message
from mtchat.core.scopes import ScopeSet
from mtchat.core.services import Services

HALD: Final = "Hald AB"
ORRIN: Final = "Orrin Ltd"

PEOPLE: Final[dict[str, dict[str, str]]] = {
    "ines": {"display_name": "Ines Kahn", "company": HALD, "email": "ines@hald.example", "tenant": "hald"},
    "tomas": {"display_name": "Томас Линд", "company": HALD, "email": "tomas@hald.example", "tenant": "hald"},
    "lu": {"display_name": "Lu Wei 卢伟", "company": ORRIN, "phone": "+47 000 11 222", "tenant": "orrin"},
    "oda": {"display_name": "Oda Berg", "company": ORRIN, "email": "oda@orrin.example", "tenant": "orrin"},
}

# Each chat: object, title, who is in it, whose tenants see it and may join, and what was said (speaker, HTML).
CHATS: Final[list[dict[str, Any]]] = [
    {
        "object_id": "TND-88",
        "object_type": "tender",
        "title": "Tender 88 · Winter transport",
        "people": ["oda"],
        "tenants": ["hald", "orrin"],
        "said": [
            ("oda", "<p>Questions about the tender are welcome here until <strong>Friday</strong>.</p>"),
            ("oda", "<p>Anybody from Hald or Orrin may join.</p>"),
        ],
    },
    {
        "object_id": "INV-3107",
        "object_type": "invoice",
        "title": "Счёт 3107",
        "people": ["tomas", "lu"],
        "tenants": ["hald", "orrin"],
        "said": [
            ("tomas", "<p>Добрый день! Счёт отправлен, проверьте, пожалуйста, номер договора.</p>"),
            ("lu", "<p>您好，我今天下午确认。</p>"),
        ],
    },
    {
        "object_id": "SHP-2071",
        "object_type": "shipment",
        "title": "Shipment 2071 · Gävle to Bergen",
        "people": ["ines", "lu", "oda"],
        "tenants": ["hald", "orrin"],
        "said": [
            ("ines", "<p>Morning! The truck is at the terminal, which gate should it take?</p>"),
            ("lu", "<p>Gate 4, please. Slot is <strong>10:30</strong>.</p>"),
            (
                "ines",
                "<p>Thanks. Papers are with the driver:</p><ul><li>CMR</li><li>packing list</li>"
                "<li>customs form <code>T1</code></li></ul>",
            ),
            ("oda", "<p>I will meet him there.</p>"),
            ("lu", "<blockquote><p>which gate should it take?</p></blockquote><p>Change of plan: gate <em>5</em>.</p>"),
        ],
    },
]


async def tell(services: Services) -> bool:
    """Fill an empty database with the demo's chats; a chat that exists is left alone. Returns whether any was made."""
    made = False
    for chat in CHATS:
        made = await _make_chat(services, chat) or made
    return made


async def _make_chat(services: Services, chat: dict[str, Any]) -> bool:
    scopes: list[Any] = [{"scope_level0": [name], "scope_level1": [], "scope_level2": []} for name in chat["tenants"]]
    if await find_dialog(services, chat["object_id"], chat["object_type"], scopes) is not None:
        return False
    people: list[Any] = [_profile(user_id) for user_id in chat["people"]]
    dialog = await create_dialog(
        services,
        {
            "object_id": chat["object_id"],
            "object_type": chat["object_type"],
            "title": chat["title"],
            "object_url": None,
            "participants": people,
            "access_scopes": scopes,
            "meta": None,
        },
    )
    dialog_id = orjson.loads(dialog)["id"]
    for speaker, content in chat["said"]:
        await send_message(services, Actor(speaker, ScopeSet()), dialog_id, NewMessage(content, None, [], None))
    return True


def _profile(user_id: str) -> dict[str, str | None]:
    person = PEOPLE[user_id]
    return {"user_id": user_id, **{name: person.get(name) for name in ("display_name", "company", "email", "phone")}}
