"""Contents of system messages: JSON text, which the SDK parses, translates and shows."""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from mtchat.core.inputs import ParticipantFields

# As long as what a person may write: lists of dialogs carry the newest message whole.
MAX_CHARS: Final = 50_000


def chat_created(people: Iterable[ParticipantFields]) -> str:
    """Return what opens a dialog: the names of those in it, in order, as many as fit into 50,000 characters."""
    text = _json_text({"event": "chat_created", "participants": []})
    names: list[str] = []
    length = len(text)
    for person in people:
        name = _json_text(_named(person["display_name"], person["company"]))
        length += len(name) + 1
        if length > MAX_CHARS:
            break
        names.append(name)
    return text.removesuffix("]}") + ",".join(names) + "]}"


def participant_joined(display_name: str, company: str) -> str:
    """Return what tells that somebody came in by himself."""
    return _json_text({"event": "participant_joined", **_named(display_name, company)})


def participant_left(name: str) -> str:
    """Return what tells that somebody left by himself."""
    return _json_text({"event": "participant_left", "name": name})


def _named(display_name: str, company: str | None) -> dict[str, Any]:
    return {"name": display_name} if company is None else {"name": display_name, "company": company}


def _json_text(value: dict[str, Any]) -> str:
    """JSON whose strings hold no markup: a page that takes the text for HTML shows it and runs nothing."""
    text = orjson.dumps(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
