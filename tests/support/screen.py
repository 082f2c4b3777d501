"""What a person sees, kept by what the reference client hands out: load a dialog once, then apply events in order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mtchat.client.errors import RefusedError, UnreachableError
from mtchat.client.live import LiveEvent
from mtchat.client.rest import ChatApi
from tests.support.fix_processes import Follower

OWN = ("is_pinned", "is_archived", "notifications_enabled", "unread_count")


@dataclass
class Shown:
    """A dialog on the screen. own, reads: his own state, and how far others have read; as of the last resume."""

    seq: int
    messages: dict[str, str] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    own: dict[str, Any] = field(default_factory=dict)
    reads: dict[str, str] = field(default_factory=dict)


class Screen(Follower):
    """A person whose picture of all his dialogs must be the service's."""

    def __init__(self, base_url: str, user_id: str, scopes: Mapping[str, list[str]]) -> None:
        super().__init__(base_url, user_id, scopes)
        self.name = user_id
        self.scopes = scopes
        self.shown: dict[str, Shown] = {}

    @property
    def ends(self) -> dict[str, int]:
        """How far each dialog has come on the screen."""
        return {dialog_id: shown.seq for dialog_id, shown in self.shown.items()}

    async def take(self, event: LiveEvent) -> None:
        """Apply an event; a dialog that is not on the screen, or has to be loaded again, is loaded."""
        if event.type == "live.resumed":
            self._resumed(event.fields["state"])
        elif event.dialog_id is None:
            return
        elif event.type == "dialog.gone":
            self.shown.pop(event.dialog_id, None)
        elif event.type == "dialog.reload" or (event.seq is not None and event.dialog_id not in self.shown):
            await self._load(event.dialog_id)
        elif event.seq is not None and event.seq > self.shown[event.dialog_id].seq:
            self.shown[event.dialog_id].seq = event.seq
            _apply(self.shown[event.dialog_id], event)

    async def _load(self, dialog_id: str) -> None:
        """What is loaded includes everything up to its seq, and perhaps more, which later events only say again."""
        while True:
            try:
                found = await load(self.api, dialog_id)
            except RefusedError:
                # He has left it again.
                self.shown.pop(dialog_id, None)
                return
            except UnreachableError:
                continue
            self.shown[dialog_id] = found
            self.live.follow(dialog_id, found.seq)
            return

    def _resumed(self, state: dict[str, Any]) -> None:
        for dialog_id, found in state.items():
            if dialog_id in self.shown:
                self.shown[dialog_id].own = {name: found[name] for name in OWN}
                self.shown[dialog_id].reads = found["reads"]


def _apply(shown: Shown, event: LiveEvent) -> None:
    match event.type:
        case "message.new" | "message.edited":
            shown.messages[event.fields["id"]] = event.fields["content"]
        case "message.deleted":
            shown.messages.pop(event.fields["id"], None)
        case "participant.joined":
            shown.people.add(event.fields["user_id"])
        case "participant.left":
            shown.people.discard(event.fields["user_id"])


async def load(api: ChatApi, dialog_id: str) -> Shown:
    """Read a dialog by HTTP. Raises RefusedError, UnreachableError."""
    shown = Shown((await api.messages(dialog_id, limit=0))["seq"])
    async for message in api.all_messages(dialog_id):
        shown.messages[message["id"]] = message["content"]
    for person in await api.participants(dialog_id):
        shown.people.add(person["user_id"])
        if person["user_id"] != api.user_id and person["last_read_message_id"] is not None:
            shown.reads[person["user_id"]] = person["last_read_message_id"]
    return shown


async def truth(api: ChatApi) -> dict[str, Shown]:
    """Read everything that a person should see, by HTTP."""
    found = {}
    async for dialog in api.all_dialogs(kind="participating"):
        shown = found[dialog["id"]] = await load(api, dialog["id"])
        shown.own = {name: dialog[name] for name in OWN}  # type: ignore[literal-required]
    return found
