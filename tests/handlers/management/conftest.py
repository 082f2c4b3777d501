"""What the tests of the Management API share: the events told to people, in order."""

from collections.abc import Iterable
from typing import Any

import pytest

from mtchat.core.events import LoggedEvent
from mtchat.core.services import Services
from mtchat.realtime.publisher import Publisher


class RecordingPublisher(Publisher):
    """Publishes as ever and remembers what: (kind, dialog id, whom it is about), with the seq in `seqs`."""

    def __init__(self, services: Services) -> None:
        super().__init__(services.bus)
        self.told: list[tuple[str, str, Any]] = []
        self.seqs: list[int] = []

    def publish(self, *logged: LoggedEvent) -> None:
        self.told += [(event.type, event.dialog_id, event.user_id) for event in logged]
        self.seqs += [event.seq for event in logged]
        super().publish(*logged)

    def dialog_created(self, dialog_id: str, last_seq: int, user_ids: Iterable[str]) -> None:
        people = list(user_ids)
        self.told.append(("created", dialog_id, people))
        self.seqs.append(last_seq)
        super().dialog_created(dialog_id, last_seq, people)

    def dialog_deleted(self, dialog_id: str, user_ids: Iterable[str]) -> None:
        people = list(user_ids)
        self.told.append(("deleted", dialog_id, people))
        super().dialog_deleted(dialog_id, people)


@pytest.fixture
def publisher(services: Services) -> RecordingPublisher:
    """Stands in for the server's publisher, and publishes too."""
    recording = RecordingPublisher(services)
    services.publisher = recording
    return recording
