"""The bus between processes: Redis pub/sub, sharded where the server has it, spread over the servers of a cluster.

Redis is a hint and may go away at any moment. While it is away nothing waits: messages reach this process' own people,
and what others must hear later is remembered in few bytes. When it is back they are told, in this order: people's own
messages, then how far each dialog has come, which makes them read its log.
"""

import asyncio
import contextlib
import random
from collections import Counter, deque
from typing import Final

import structlog
from redis.exceptions import RedisError

from mtchat.realtime import metrics
from mtchat.realtime.bus import Receive, StateChange, hint_of, user_of_channel
from mtchat.realtime.bus_memory import MemoryBus
from mtchat.realtime.redis_link import Link
from mtchat.realtime.redis_nodes import Dialer, Node, Topology, read_topology

log = structlog.get_logger(__name__)

RETRY_FIRST_SECS: Final = 0.1
# The longest wait between attempts: back within this time of Redis itself.
RETRY_MAX_SECS: Final = 2.0
# The process does not wait longer than this for Redis when it starts, nor for its last messages when it ends.
START_SECS: Final = 5.0
FLUSH_SECS: Final = 1.0
# Remembered during a cut: dialogs, of each how far it has come (some 6 MB), and messages to persons.
MAX_DIALOGS: Final = 50_000
MAX_PERSONAL: Final = 5_000
# Of these, said before the server has taken them.
AT_ONCE: Final = 2_000


class RedisBus:
    """One per process. Needs a running event loop from `start` on."""

    brings_all = False

    def __init__(self, url: str, *, sharded: bool | None = None) -> None:
        """sharded: None for what the servers know; all processes on one Redis must do the same."""
        self._dialer = Dialer(url)
        self._force_sharded = sharded
        self._topology: Topology | None = None
        self._links: dict[Node, Link] = {}
        self._channels: set[str] = set()
        self._receive: Receive | None = None
        self._tell: StateChange | None = None
        self._is_up = False
        self._closed = False
        self._tried = asyncio.Event()
        self._repairer: asyncio.Task[None] | None = None
        self._home = MemoryBus()
        self._dialogs_later: dict[str, bytes] = {}
        self._personal_later: deque[tuple[str, bytes]] = deque(maxlen=MAX_PERSONAL)
        # Messages that our own people got during a cut: they come round once more when Redis is back.
        self._had: Counter[tuple[str, bytes]] = Counter()

    def publish(self, channel: str, payload: bytes) -> None:
        """Queue the message for Redis; while it is away, for our own people."""
        if self._closed:
            return
        link = self._link_of(channel)
        if link is not None:
            link.say(channel, payload)
        else:
            mine = channel in self._channels
            if mine:
                self._home.publish(channel, payload)
            self._postpone(channel, payload, had=mine)

    async def subscribe(self, *channels: str) -> None:
        """Return when these channels are heard; those on a server that is away follow with its return."""
        self._channels.update(channels)
        for link, found in self._by_link(channels).items():
            await link.hear(found)

    async def unsubscribe(self, *channels: str) -> None:
        """Stop hearing these channels."""
        self._channels.difference_update(channels)
        for link, found in self._by_link(channels).items():
            await link.ignore(found)

    def on_message(self, callback: Receive) -> None:
        """Set who gets what is heard."""
        self._receive = callback
        self._home.on_message(callback)

    def on_state(self, callback: StateChange) -> None:
        """Set who is told of cuts; told at once when there is one."""
        self._tell = callback
        if self._repairer is not None:
            self._tell(False)

    async def start(self) -> None:
        """Connect; while Redis is away go on trying in the background."""
        self._repair()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(START_SECS):
                await self._tried.wait()

    async def close(self) -> None:
        """Let the last messages go out, then hang up."""
        self._closed = True
        if self._repairer is not None:
            self._repairer.cancel()
        links = [*self._links.values()]
        self._links.clear()
        if links:
            flushes = [asyncio.ensure_future(link.flush()) for link in links]
            _, late = await asyncio.wait(flushes, timeout=FLUSH_SECS)
            for flush in late:
                flush.cancel()
        for link in links:
            await link.close()
        await self._home.close()

    @property
    def is_up(self) -> bool:
        """Whether every server is reached and every subscription in effect."""
        return self._is_up

    # Messages.

    def _heard(self, channel: str, payload: bytes) -> None:
        if self._had and self._had[channel, payload] > 0:
            self._had[channel, payload] -= 1
            return
        if self._receive is not None and channel in self._channels:
            try:
                self._receive(channel, payload)
            except Exception:
                log.exception("delivery_failed", channel=channel)

    def _postpone(self, channel: str, payload: bytes, *, had: bool) -> None:
        if user_of_channel(channel) is not None:
            self._personal_later.append((channel, payload))
            if had:
                self._had[channel, payload] += 1
            return
        hint = hint_of(payload)
        if hint is not None:
            self._dialogs_later[channel] = hint
            if len(self._dialogs_later) > MAX_DIALOGS:
                metrics.BUS_DROPPED.inc()
                del self._dialogs_later[next(iter(self._dialogs_later))]

    async def _say_postponed(self) -> None:
        while self._personal_later or self._dialogs_later:
            for _ in range(AT_ONCE):
                if self._personal_later:
                    channel, payload = self._personal_later.popleft()
                elif self._dialogs_later:
                    channel = next(iter(self._dialogs_later))
                    payload = self._dialogs_later.pop(channel)
                else:
                    break
                link = self._link_of(channel)
                if link is None:
                    self._postpone(channel, payload, had=False)
                    raise ConnectionError("a server was lost again")
                link.say(channel, payload)
            for link in self._links.values():
                await link.flush()

    # Servers.

    def _link_of(self, channel: str) -> Link | None:
        if self._topology is None:
            return None
        node = self._topology.node_of(channel)
        link = self._links.get(node) if node is not None else None
        return link if link is not None and link.is_open else None

    def _by_link(self, channels: tuple[str, ...] | set[str]) -> dict[Link, set[str]]:
        found: dict[Link, set[str]] = {}
        for channel in channels:
            link = self._link_of(channel)
            if link is not None:
                found.setdefault(link, set()).add(channel)
        return found

    def _lost(self, link: Link) -> None:
        metrics.BUS_CUTS.inc()
        for channel, payload in link.unsaid():
            self._postpone(channel, payload, had=False)
        if self._is_up:
            self._is_up = False
            self._had.clear()
            if self._tell is not None:
                self._tell(False)
        self._repair()

    def _repair(self) -> None:
        if self._repairer is None and not self._closed:
            self._repairer = asyncio.get_running_loop().create_task(self._run_repair())

    async def _run_repair(self) -> None:
        delay = RETRY_FIRST_SECS
        # Once a cut: a Redis that is away for a day must not fill the log.
        tell = log.warning
        try:
            while True:
                try:
                    await self._connect()
                    if await self._listen_everywhere():
                        await self._say_postponed()
                        if await self._listen_everywhere():
                            break
                except (RedisError, OSError) as error:
                    tell("redis_away", why=str(error) or type(error).__name__)
                    tell = log.debug
                except Exception:
                    # Whatever it is, who gives up here is without Redis until the process ends.
                    log.exception("redis_repair_failed")
                self._tried.set()
                # Spread, so that many processes do not come back in one moment.
                await asyncio.sleep(delay * random.uniform(0.5, 1.0))
                delay = min(delay * 2, RETRY_MAX_SECS)
        finally:
            self._repairer = None
        self._is_up = True
        self._tried.set()
        log.info("redis_connected", servers=len(self._links), sharded=self._is_sharded())
        if self._tell is not None:
            self._tell(True)

    async def _connect(self) -> None:
        """Open what is not open. Raises when a server is away; those that are there are open then all the same."""
        known = self._topology.nodes if self._topology is not None else ()
        self._topology = topology = await read_topology(self._dialer, known)
        for node in [node for node in self._links if node not in topology.nodes]:
            await self._links.pop(node).close()
        failure: Exception | None = None
        for node in topology.nodes:
            link = self._links.get(node)
            if link is not None and link.is_open:
                continue
            if link is not None:
                await link.close()
            link = Link(
                self._dialer.connection(node),
                self._dialer.connection(node),
                sharded=self._is_sharded(),
                one_slot=topology.clustered and self._is_sharded(),
                receive=self._heard,
                lost=self._lost,
            )
            try:
                await link.open()
            except (RedisError, OSError) as error:
                failure = error
                continue
            self._links[node] = link
        if failure is not None:
            raise failure

    async def _listen_everywhere(self) -> bool:
        """Bring subscriptions to where their channels are now; whether all of them are in effect."""
        while True:
            wanted = self._by_link(self._channels)
            for link in self._links.values():
                here = wanted.get(link, set())
                await link.ignore(link.channels - here)
                await link.hear(here)
            if not all(link.is_open for link in self._links.values()):
                return False
            # Waiting for the servers took time: channels may have been added meanwhile.
            heard = {channel for link in self._links.values() for channel in link.channels}
            if heard >= self._channels:
                return True
            if any(self._link_of(channel) is None for channel in self._channels):
                return False

    def _is_sharded(self) -> bool:
        if self._force_sharded is not None:
            return self._force_sharded
        return self._topology is not None and self._topology.sharded
