"""Who is told that somebody came or went (F19, F23)."""

import pytest

from mtchat.core.presence import MAX_MEMBERS_TOLD, Change, Presence


class World:
    """A hub and a publisher in one."""

    def __init__(self) -> None:
        self.online: set[str] = set()
        self.told: list[tuple[str, str, dict[str, object]]] = []
        self.change: Change = lambda user_id, online, dialogs: None
        self.presence = Presence(self, self)

    def is_online(self, user_id: str) -> bool:
        return user_id in self.online

    def on_presence(self, listener: Change) -> None:
        self.change = listener

    def publish_signal(self, dialog_id: str, user_id: str, frame: dict[str, object]) -> None:
        self.told.append((dialog_id, user_id, frame))


@pytest.mark.gen_test
async def test_those_with_a_connection_are_online() -> None:
    world = World()
    world.online = {"anna", "boris"}
    assert await world.presence.is_online(["anna", "vera"]) == {"anna"}


def test_each_shared_dialog_is_told() -> None:
    world = World()
    world.change("anna", True, [("d1", 2), ("d2", 3)])
    frame = {"type": "presence.update", "user_id": "anna", "is_online": True}
    assert world.told == [("d1", "anna", frame), ("d2", "anna", frame)]


def test_large_dialogs_and_those_without_others_are_not_told() -> None:
    """Design 5"""
    world = World()
    world.change("anna", False, [("alone", 1), ("largest", MAX_MEMBERS_TOLD), ("too large", MAX_MEMBERS_TOLD + 1)])
    assert [dialog_id for dialog_id, _, _ in world.told] == ["largest"]
