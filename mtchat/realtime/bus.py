"""The bus: how processes tell one another that something happened. At most once, no history: a hint, the log is the
truth.

Payload of a message: a JSON header, a newline, the text of the frame. Header of a dialog's channel:
[seq or null, type, user id or null, dialog id, audience or null]; of a person's channel: [kind, dialog id or null, seq
or null].
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

import orjson

Receive = Callable[[str, bytes], None]
StateChange = Callable[[bool], None]

# What a message on a person's own channel means.
FRAME: Final = "frame"  # hand the frame to the person's sockets
# He is in the dialog: as of seq when there is a frame; hearing it from the event of that seq on when there is none.
GAINED: Final = "gained"
LOST: Final = "lost"  # he is out of the dialog, which is gone
REVOKED: Final = "revoked"  # his credentials were withdrawn: close his sockets

# The type of a message without a frame on a dialog's channel: the dialog has come as far as seq, the log has the rest.
KNOWN: Final = "known"


class Bus(Protocol):
    """What a bus promises.

    A message reaches each subscribed process at most once; messages of one publisher on one channel keep their order
    unless the bus is cut. While it is cut nothing waits and nothing raises: messages are lost, and `on_state` tells of
    both ends of the cut, so that whoever depends on it reads the log meanwhile and compares afterwards.
    """

    @property
    def is_up(self) -> bool:
        """Whether other processes are reached and everything subscribed is in effect."""

    @property
    def brings_all(self) -> bool:
        """Whether everything that is published anywhere comes, subscribed or not; true of a process that is alone."""

    def publish(self, channel: str, payload: bytes) -> None:
        """Send to every process that subscribes the channel, this one included. Never blocks, never raises."""

    async def subscribe(self, *channels: str) -> None:
        """Return when these channels are heard, or at once while the bus is cut: they are then heard with its end."""

    async def unsubscribe(self, *channels: str) -> None:
        """Stop hearing these channels."""

    def on_message(self, callback: Receive) -> None:
        """Set who gets (channel, payload) of everything heard. Called on the event loop, never re-entrantly."""

    def on_state(self, callback: StateChange) -> None:
        """Set who is told False when the bus is cut and True when it is back with all subscriptions in effect."""

    async def start(self) -> None:
        """Connect. A bus that is away does not make this raise."""

    async def close(self) -> None:
        """Disconnect; later publishes are dropped."""


def dialog_channel(dialog_id: str) -> str:
    """The channel of a dialog; the braces keep one dialog on one shard of a Redis Cluster."""
    return f"mtchat:d:{{{dialog_id}}}"


def user_channel(user_id: str) -> str:
    """The channel of a person."""
    return f"mtchat:u:{{{user_id}}}"


def dialog_of_channel(channel: str) -> str:
    """The dialog whose channel this is."""
    return channel[10:-1]


def user_of_channel(channel: str) -> str | None:
    """The person whose channel this is, None for a dialog's channel."""
    return channel[10:-1] if channel.startswith("mtchat:u:") else None


def pack(header: list[Any], frame: bytes = b"") -> bytes:
    """Return the payload of a message."""
    return orjson.dumps(header) + b"\n" + frame


def unpack(payload: bytes) -> tuple[list[Any], bytes]:
    """Return header and frame of a payload."""
    header, _, frame = payload.partition(b"\n")
    return orjson.loads(header), frame


def hint_of(payload: bytes) -> bytes | None:
    """Return what is worth telling later of a message on a dialog's channel: how far the dialog has come.

    None for what is not in the log: typing and presence are old by then.
    """
    (seq, _, _, dialog_id, _), _ = unpack(payload)
    return None if seq is None else pack([seq, KNOWN, None, dialog_id, None])
