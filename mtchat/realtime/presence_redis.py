"""Who is online in any process: a lease per process, and per person a set of the processes he is connected to.

Only the first process a person comes to and the last one he leaves is news; that is what the sets tell. A process that
stops renewing its lease is swept by one of the others, so a crash is put right within 15 s + 5 s + the sweep. While
Redis is away this process goes by what it sees itself, and settles the difference afterwards.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

import structlog
from redis.exceptions import RedisError

from mtchat.core.errors import ChatError
from mtchat.core.presence import Change, Dialogs
from mtchat.realtime.presence_store import LeaseState, PresenceStore

log = structlog.get_logger(__name__)

LEASE_SECS: Final = 15.0
RENEW_SECS: Final = 5.0
# Changes are written together: thousands come back in one moment after a restart.
TICK_SECS: Final = 0.02
BATCH: Final = 500
RETRY_SECS: Final = 1.0
# The person who asks who is online waits no longer than this for Redis.
READ_SECS: Final = 1.0
# After Redis has lost its data all processes write theirs again within this time; until then nobody is called offline.
SETTLE_SECS: Final = RENEW_SECS + 2.0

ReadDialogs = Callable[[Sequence[str]], Awaitable[list[Dialogs]]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is to be written of one person; dialogs are None when they must be read first. quiet: no news to anybody."""

    online: bool
    dialogs: Dialogs | None
    quiet: bool = False


class PresenceLedger:
    """This process' part in the presence of all. Needs a running event loop from `start` on."""

    def __init__(
        self,
        store: PresenceStore,
        read_dialogs: ReadDialogs,
        peer_lost: Callable[[], None],
        *,
        lease_secs: float = LEASE_SECS,
        renew_secs: float = RENEW_SECS,
    ) -> None:
        """read_dialogs: user ids -> (dialog id, members) of each; may raise ChatError. peer_lost: a process crashed."""
        self._store = store
        self._read_dialogs = read_dialogs
        self._peer_lost = peer_lost
        self._lease_secs = lease_secs
        self._renew_secs = renew_secs
        self._tell: Change = lambda user_id, online, dialogs: None
        self._name = secrets.token_hex(8)
        self._is_registered = False
        self._is_away = False
        self._closing = False
        self._online: set[str] = set()
        self._waiting: dict[str, _Entry] = {}
        self._unsettled: dict[str, Dialogs | None] = {}
        self._seen_until = "+inf"
        self._more = asyncio.Event()
        self._written = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._sweeps: dict[str, asyncio.Task[None]] = {}
        self._settling: asyncio.TimerHandle | None = None

    def on_change(self, tell: Change) -> None:
        """Set who is told that a person came online anywhere, or has left everywhere."""
        self._tell = tell

    def changed(self, user_id: str, online: bool, dialogs: Dialogs) -> None:
        """Take note that a person came online in this process, or went."""
        (self._online.add if online else self._online.discard)(user_id)
        if self._is_away:
            self._tell(user_id, online, dialogs)
            self._unsettled[user_id] = dialogs
        else:
            self._put(user_id, _Entry(online, dialogs))

    async def is_online(self, user_ids: Collection[str]) -> set[str]:
        """Return those who are online in any process, by one round trip; nobody while Redis is away."""
        if self._is_away or not user_ids:
            return set()
        try:
            async with asyncio.timeout(READ_SECS):
                return await self._store.online(user_ids)
        except (RedisError, OSError) as error:
            log.warning("presence_not_read", why=str(error) or type(error).__name__)
            return set()

    async def settled(self) -> None:
        """Wait until everything noted so far is shared, or Redis is away."""
        while self._waiting and not self._is_away:
            self._written.clear()
            await self._written.wait()

    async def start(self) -> None:
        """Begin to write and to renew the lease, in the background."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self, grace_secs: float = 0.0) -> None:
        """Leave: whoever has not come back to another process after the grace is offline then."""
        # A command that is cut in the middle costs its connection, so what is under way is finished if it is quick.
        self._closing = True
        self._more.set()
        tasks = {task for task in (self._task, *self._sweeps.values()) if task is not None}
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=READ_SECS)
            for task in late:
                task.cancel()
        if self._settling is not None:
            self._settling.cancel()
        if self._is_registered and not self._is_away:
            try:
                async with asyncio.timeout(READ_SECS):
                    await self._store.leave(self._name, grace_secs)
            except (RedisError, OSError) as error:
                log.warning("lease_not_given_back", why=str(error) or type(error).__name__)
        await self._store.close()

    # The one task that writes.

    async def _run(self) -> None:
        renew_at = 0.0
        while not self._closing:
            try:
                if monotonic() >= renew_at:
                    await self._renew()
                    renew_at = monotonic() + self._renew_secs
                await self._write()
            except (RedisError, OSError) as error:
                self._went_away(error)
                renew_at = 0.0
                await asyncio.sleep(RETRY_SECS)
                continue
            except ChatError as error:
                # The database is away: those who are to be told are not known.
                log.warning("presence_not_told", why=error.message)
                await asyncio.sleep(RETRY_SECS)
                continue
            if not self._waiting and not self._closing:
                self._more.clear()
                # Not wait_for: before Python 3.12 it can swallow the cancellation that ends this task.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(max(0.0, renew_at - monotonic())):
                        await self._more.wait()
            await asyncio.sleep(TICK_SECS)

    async def _renew(self) -> None:
        state = await self._renew_lease()
        if self._is_away:
            self._is_away = False
            log.info("presence_shared_again")
            for user_id, dialogs in self._unsettled.items():
                self._waiting.setdefault(user_id, _Entry(user_id in self._online, dialogs))
            self._unsettled.clear()
        self._seen_until = f"({state.now_ms}"
        if state.lost:
            log.warning("process_lost", processes=len(state.lost))
            self._peer_lost()
        for name in state.to_sweep:
            self._begin_sweep(name)

    async def _renew_lease(self) -> LeaseState:
        first = not self._is_registered
        state = await self._store.renew(self._name, self._lease_secs, self._seen_until, first=first)
        if state.is_known or first:
            self._is_registered = True
            return state
        # Our lease ran out and we were swept (then everybody was called offline), or Redis has lost what it knew.
        former, self._name = self._name, secrets.token_hex(8)
        state = await self._store.renew(self._name, self._lease_secs, self._seen_until, first=True, former=former)
        self._write_again(quiet=not state.was_swept)
        return state

    def _write_again(self, *, quiet: bool) -> None:
        for user_id in self._online:
            if user_id not in self._waiting and user_id not in self._unsettled:
                self._waiting[user_id] = _Entry(True, None, quiet)
        if quiet:
            gone = {user_id for user_id in self._unsettled if user_id not in self._online}
            late = {user_id: self._unsettled.pop(user_id) for user_id in gone}
            self._settling = asyncio.get_running_loop().call_later(SETTLE_SECS, self._settle, late)

    def _settle(self, gone: dict[str, Dialogs | None]) -> None:
        for user_id, dialogs in gone.items():
            if user_id not in self._online:
                self._put(user_id, _Entry(False, dialogs))

    def _put(self, user_id: str, entry: _Entry) -> None:
        self._waiting[user_id] = entry
        self._more.set()

    async def _write(self) -> None:
        while self._waiting:
            batch = {user_id: self._waiting[user_id] for user_id in list(self._waiting)[:BATCH]}
            counts = await self._store.write(self._name, {user: entry.online for user, entry in batch.items()})
            news = {
                user_id: entry
                for (user_id, entry), count in zip(batch.items(), counts, strict=True)
                if not entry.quiet and count == int(entry.online)
            }
            await self._announce(news)
            # What changed while this was written stays, and is written next.
            for user_id, entry in batch.items():
                if self._waiting.get(user_id) is entry:
                    del self._waiting[user_id]
        self._written.set()

    async def _announce(self, news: dict[str, _Entry]) -> None:
        unknown = [user_id for user_id, entry in news.items() if entry.dialogs is None]
        read = dict(zip(unknown, await self._read_dialogs(unknown), strict=True)) if unknown else {}
        for user_id, entry in news.items():
            dialogs = read[user_id] if entry.dialogs is None else entry.dialogs
            self._tell(user_id, entry.online, dialogs)

    def _went_away(self, error: Exception) -> None:
        self._written.set()
        if not self._is_away:
            self._is_away = True
            log.warning("presence_not_shared", why=str(error) or type(error).__name__)
        for user_id, entry in self._waiting.items():
            if entry.dialogs is not None and not entry.quiet:
                self._tell(user_id, entry.online, entry.dialogs)
            self._unsettled[user_id] = entry.dialogs
        self._waiting.clear()

    # Processes that are gone.

    def _begin_sweep(self, name: str) -> None:
        if name not in self._sweeps:
            self._sweeps[name] = task = asyncio.get_running_loop().create_task(self._sweep(name))
            task.add_done_callback(lambda _: self._sweeps.pop(name, None))

    async def _sweep(self, name: str) -> None:
        """Take a process out of its people's sets; when this fails it is tried again once the claim has run out."""
        try:
            while people := await self._store.people_of(name, BATCH):
                counts = await self._store.take_out(name, people)
                offline = [
                    user_id
                    for user_id, count in zip(people, counts, strict=True)
                    if not count and user_id not in self._online
                ]
                await self._announce({user_id: _Entry(False, None) for user_id in offline})
                await self._store.forget_people(name, people)
            await self._store.forget(name)
        except (RedisError, OSError) as error:
            log.warning("sweep_failed", why=str(error) or type(error).__name__)
        except ChatError as error:
            log.warning("sweep_failed", why=error.message)
