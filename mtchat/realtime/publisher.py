"""Tells the bus what happened, after commit. Synchronous, never waits, never raises: the log is the truth, the bus a
hint.

Accepts only a `LoggedEvent`, which only `mtchat.persistence` makes, and plain frames of a person's own state, typing,
presence.
"""

from collections.abc import Iterable
from typing import Any

import orjson
import structlog

from mtchat.core import events
from mtchat.core.events import LoggedEvent, encode_frame
from mtchat.realtime.bus import FRAME, GAINED, LOST, REVOKED, Bus, dialog_channel, pack, user_channel

log = structlog.get_logger(__name__)


class Publisher:
    """The only way an event enters the bus."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def publish(self, *logged: LoggedEvent) -> None:
        """Publish committed events in the given order; a newcomer hears them from the first of the same dialog on."""
        for event in logged:
            if event.type == events.PARTICIPANT_JOINED and event.user_id is not None:
                first = min(other.seq for other in logged if other.dialog_id == event.dialog_id)
                self._to_user(event.user_id, [GAINED, event.dialog_id, first])
        for event in logged:
            header = [event.seq, event.type, event.user_id, event.dialog_id, event.audience]
            self._to_dialog(event.dialog_id, header, encode_frame(event))

    def publish_to_user(self, user_id: str, frame: dict[str, Any]) -> None:
        """Send a frame to a person's own sockets (own state, no seq)."""
        self._to_user(user_id, [FRAME, None, None], orjson.dumps(frame))

    def publish_to_dialog(self, dialog_id: str, frame: dict[str, Any]) -> None:
        """Send a frame that is not logged to the members of a dialog."""
        self._to_dialog(dialog_id, [None, frame["type"], None, dialog_id, None], orjson.dumps(frame))

    def publish_signal(self, dialog_id: str, user_id: str, frame: dict[str, Any]) -> None:
        """Send a frame about one member (typing, presence) to the other members of a dialog."""
        self._to_dialog(dialog_id, [None, frame["type"], user_id, dialog_id, None], orjson.dumps(frame))

    def dialog_created(self, dialog_id: str, last_seq: int, user_ids: Iterable[str]) -> None:
        """Let people into a new dialog; each is told of himself alone, by `participant.joined`."""
        for user_id in user_ids:
            frame = {"type": events.PARTICIPANT_JOINED, "dialog_id": dialog_id, "user_id": user_id}
            self._to_user(user_id, [GAINED, dialog_id, last_seq], orjson.dumps(frame))

    def dialog_deleted(self, dialog_id: str, user_ids: Iterable[str]) -> None:
        """Take people out of a dialog that is gone; each is told of himself alone, by `participant.left`."""
        for user_id in user_ids:
            frame = {"type": events.PARTICIPANT_LEFT, "dialog_id": dialog_id, "user_id": user_id}
            self._to_user(user_id, [LOST, dialog_id, None], orjson.dumps(frame))

    def revoke(self, user_id: str) -> None:
        """Close every socket of a person whose credentials were withdrawn (4401), on every process."""
        self._to_user(user_id, [REVOKED, None, None])

    def _to_user(self, user_id: str, header: list[Any], frame: bytes = b"") -> None:
        self._send(user_channel(user_id), header, frame)

    def _to_dialog(self, dialog_id: str, header: list[Any], frame: bytes) -> None:
        self._send(dialog_channel(dialog_id), header, frame)

    def _send(self, channel: str, header: list[Any], frame: bytes) -> None:
        try:
            self._bus.publish(channel, pack(header, frame))
        except Exception:
            log.exception("publish_failed", kind=header[0])
