"""`python -m tests.support.killed_at POINT COMMAND`: an mtchat process that dies by SIGKILL at a point of its work.

A point is between two steps that nothing outside the process can tell apart.
"""

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Final

from mtchat.cli import main
from mtchat.core import notifications as due
from mtchat.jobs import doorbell, loops
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.doorbell import Doorbell
from mtchat.jobs.sending import Sender
from mtchat.persistence import deliveries
from mtchat.persistence.pool import Database

Step = Callable[..., Awaitable[Any]]


def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _then_die(step: Step, when: Callable[[Any], bool] = lambda _: True) -> Step:
    """Do the step, and die if its result is what we wait for."""

    async def done(*arguments: Any, **options: Any) -> Any:
        result = await step(*arguments, **options)
        if when(result):
            _die()
        return result

    return done


def _die_after_query(method: str, query: str) -> Callable[[], None]:
    """A point: a named query has done something; within a transaction it is not committed."""
    run = getattr(Database, method)

    async def done(database: Database, name: str, *arguments: Any, **options: Any) -> Any:
        value = await run(database, name, *arguments, **options)
        if name == query and value:
            _die()
        return value

    return lambda: setattr(Database, method, done)


POINTS: Final[dict[str, Callable[[], None]]] = {
    "committed, about to ring": lambda: setattr(Doorbell, "ring", _die),
    "the ring is on its way to the queue": lambda: setattr(doorbell, "make_huey", _die),
    "the ring is taken from the queue": lambda: setattr(Bridge, "perform", _die),
    "the event is in its lane": _die_after_query("fetch_value", "enqueue_webhooks"),
    "the delivery is claimed": lambda: setattr(deliveries, "claim_lanes", _then_die(deliveries.claim_lanes, bool)),
    "the receiver has answered": lambda: setattr(Sender, "post", _then_die(Sender.post)),
    "the result is written": lambda: setattr(deliveries, "record_results", _then_die(deliveries.record_results)),
    "notices are made, not committed": _die_after_query("execute", "expand_notifications"),
    "notices are committed": lambda: setattr(
        loops, "announce_due", _then_die(due.announce_due, lambda announced: announced[1] > 0)
    ),
}

if __name__ == "__main__":
    POINTS[sys.argv.pop(1)]()
    main()
