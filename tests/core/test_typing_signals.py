"""Typing is passed on to a dialog's other members, seldom, and only for members."""

from datetime import UTC, datetime

from mtchat.core.presence import MAX_MEMBERS_TOLD
from mtchat.core.typing_signals import EVERY_SECS, SWEEP_AT, TypingSignals


class World:
    """Memberships, a clock and ears."""

    def __init__(self) -> None:
        self.sizes = {("anna", "d1"): 2, ("anna", "d2"): 2, ("boris", "d1"): 2}
        self.now = 100.0
        self.told: list[tuple[str, str, dict[str, object]]] = []
        self.signals = TypingSignals(self, self, clock=lambda: self.now)

    def room_size(self, user_id: str, dialog_id: str) -> int | None:
        return self.sizes.get((user_id, dialog_id))

    def publish_signal(self, dialog_id: str, user_id: str, frame: dict[str, object]) -> None:
        self.told.append((dialog_id, user_id, frame))


def test_a_signal_says_who_where_and_until_when() -> None:
    world = World()
    world.signals.typing("anna", "d1")
    ((dialog_id, user_id, frame),) = world.told
    until = datetime.fromisoformat(str(frame.pop("until")))
    assert (dialog_id, user_id) == ("d1", "anna")
    assert frame == {"type": "typing", "dialog_id": "d1", "user_id": "anna"}
    assert 0 < (until - datetime.now(UTC)).total_seconds() < 10


def test_who_is_no_member_is_not_heard() -> None:
    """P1: the client's word counts for nothing."""
    world = World()
    world.signals.typing("vera", "d1")
    assert world.told == []


def test_one_signal_per_person_and_dialog_in_two_seconds() -> None:
    world = World()
    for user_id, dialog_id in [("anna", "d1"), ("anna", "d1"), ("boris", "d1"), ("anna", "d2")]:
        world.signals.typing(user_id, dialog_id)
    world.now += EVERY_SECS
    world.signals.typing("anna", "d1")
    assert [(user_id, dialog_id) for dialog_id, user_id, _ in world.told] == [
        ("anna", "d1"),
        ("boris", "d1"),
        ("anna", "d2"),
        ("anna", "d1"),
    ]


def test_dialogs_of_thousands_are_left_alone() -> None:
    """P4"""
    world = World()
    world.sizes["anna", "d1"] = MAX_MEMBERS_TOLD + 1
    world.signals.typing("anna", "d1")
    assert world.told == []


def test_what_is_remembered_does_not_grow() -> None:
    """P4"""
    world = World()
    for number in range(3 * SWEEP_AT):
        world.sizes["anna", str(number)] = 2
        world.now += 0.01
        world.signals.typing("anna", str(number))
    assert len(world.signals._next_at) < SWEEP_AT
