"""The keys of presence in Redis, and the commands on them. A person's keys lie in one of 256 groups, so that a list of
people costs at most that many commands in one round trip, and a cluster spreads them.

    mtchat:o:{<group>}:<user id>   set of the processes he is connected to
    mtchat:p:<process>             set of the people connected to it
    mtchat:{processes}:live        process -> when its lease ends, ms of Redis' clock
    mtchat:{processes}:leaving     process -> when it is to be swept; moved ahead by whoever is at it
    mtchat:{processes}:lost        process -> when it was found dead, for an hour
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zlib import crc32

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from mtchat.realtime.redis_nodes import Dialer, read_topology

GROUPS: Final = 256
# Whoever sweeps a process has this long for it, then another one takes over.
CLAIM_MS: Final = 30_000
TIMEOUT_SECS: Final = 2.0
# Keys of one script call.
KEYS_AT_ONCE: Final = 500

_LIVE: Final = "mtchat:{processes}:live"
_LEAVING: Final = "mtchat:{processes}:leaving"
_LOST: Final = "mtchat:{processes}:lost"

_NOW: Final = "local t = redis.call('TIME') local now = t[1] * 1000 + math.floor(t[2] / 1000)\n"
# ARGV: process, whether it is new, lease ms, claim ms, since when to name the lost ones, the process' name before.
_RENEW: Final = _NOW + (
    "local known = redis.call('ZSCORE', KEYS[1], ARGV[1]) and 1 or 0\n"
    "if known == 1 or ARGV[2] == '1' then redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1]) end\n"
    "for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do\n"
    "  redis.call('ZREM', KEYS[1], id) redis.call('ZADD', KEYS[2], now, id) redis.call('ZADD', KEYS[3], now, id)\n"
    "end\n"
    "local sweep = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)\n"
    "for _, id in ipairs(sweep) do redis.call('ZADD', KEYS[2], now + ARGV[4], id) end\n"
    "redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - 3600000)\n"
    "local lost = redis.call('ZRANGEBYSCORE', KEYS[3], ARGV[5], '+inf')\n"
    "return {known, redis.call('ZSCORE', KEYS[3], ARGV[6]) and 1 or 0, now, sweep, lost}"
)
_LEAVE: Final = _NOW + (
    "redis.call('ZREM', KEYS[1], ARGV[1]) return redis.call('ZADD', KEYS[2], now + ARGV[2], ARGV[1])"
)
_CLAIM: Final = _NOW + "return redis.call('ZADD', KEYS[1], 'XX', now + ARGV[2], ARGV[1])"
_ONLINE: Final = (
    "local found = {} for i, key in ipairs(KEYS) do found[i] = redis.call('EXISTS', key) end return table.concat(found)"
)


@dataclass(frozen=True, slots=True)
class LeaseState:
    """The answer to a renewal.

    is_known: the lease was there. was_swept: the lease of the former name ran out, so its people were called offline.
    to_sweep: processes whose people the caller is to take out. lost: processes found dead since the last renewal.
    """

    is_known: bool
    was_swept: bool
    now_ms: int
    to_sweep: list[str]
    lost: list[str]


class PresenceStore:
    """Connects by itself when first used, and again after a failure. Methods raise RedisError or OSError."""

    def __init__(self, url: str) -> None:
        self._url = url
        # Redis and RedisCluster have these commands in common, but no type.
        self._client: Any = None
        self._is_cluster = False

    async def renew(
        self, process: str, lease_secs: float, lost_since: str, *, first: bool, former: str = ""
    ) -> LeaseState:
        """Renew the lease of a process; one that was not there is begun only if it is the first.

        lost_since: lower bound of a score range, `(<ms>` or `+inf`. former: the name it had before.
        """
        client = await self._connected()
        lease_ms = round(lease_secs * 1000)
        known, swept, now_ms, sweep, lost = await client.eval(
            _RENEW, 3, _LIVE, _LEAVING, _LOST, process, int(first), lease_ms, CLAIM_MS, lost_since, former
        )
        others = [name for name in lost if name not in (process, former)]
        return LeaseState(bool(known), bool(swept), now_ms, sweep, others)

    async def leave(self, process: str, grace_secs: float) -> None:
        """Give the lease back; the process' people are taken out after the grace, by another one."""
        client = await self._connected()
        await client.eval(_LEAVE, 2, _LIVE, _LEAVING, process, round(grace_secs * 1000))

    async def write(self, process: str, people: Mapping[str, bool]) -> list[int]:
        """Note who is connected to a process and who is not; returns each one's number of processes afterwards."""
        client = await self._connected()
        pipe = client.pipeline(transaction=False)
        for user_id, online in people.items():
            key = _person(user_id)
            if online:
                pipe.sadd(key, process)
            else:
                pipe.srem(key, process)
            pipe.scard(key)
        joined = [user_id for user_id, online in people.items() if online]
        left = [user_id for user_id, online in people.items() if not online]
        if joined:
            pipe.sadd(_people(process), *joined)
        if left:
            pipe.srem(_people(process), *left)
        answers: list[int] = await pipe.execute()
        return answers[1 : 2 * len(people) : 2]

    async def online(self, user_ids: Collection[str]) -> set[str]:
        """Return those who are connected to any process."""
        client = await self._connected()
        pieces = self._pieces(user_ids)
        pipe = client.pipeline(transaction=False)
        for piece in pieces:
            pipe.eval(_ONLINE, len(piece), *(_person(user_id) for user_id in piece))
        answers = await pipe.execute()
        return {
            user_id
            for piece, answer in zip(pieces, answers, strict=True)
            for user_id, digit in zip(piece, answer, strict=True)
            if digit == "1"
        }

    async def people_of(self, process: str, limit: int) -> list[str]:
        """Return some of the people connected to a process."""
        client = await self._connected()
        await client.eval(_CLAIM, 1, _LEAVING, process, CLAIM_MS)
        found: list[str] = await client.srandmember(_people(process), limit)
        return found

    async def take_out(self, process: str, people: Sequence[str]) -> list[int]:
        """Take a process out of the sets of people; returns each one's number of processes afterwards."""
        client = await self._connected()
        pipe = client.pipeline(transaction=False)
        for user_id in people:
            pipe.srem(_person(user_id), process)
            pipe.scard(_person(user_id))
        answers: list[int] = await pipe.execute()
        return answers[1::2]

    async def forget_people(self, process: str, people: Sequence[str]) -> None:
        """Strike people off a process' set."""
        client = await self._connected()
        await client.srem(_people(process), *people)

    async def forget(self, process: str) -> None:
        """A process is swept."""
        client = await self._connected()
        await client.zrem(_LEAVING, process)
        await client.delete(_people(process))

    async def close(self) -> None:
        """Disconnect."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _connected(self) -> Any:
        if self._client is None:
            options: dict[str, Any] = {
                "decode_responses": True,
                "protocol": 2,
                "client_name": "mtchat",
                "socket_timeout": TIMEOUT_SECS,
                "socket_connect_timeout": TIMEOUT_SECS,
            }
            topology = await read_topology(Dialer(self._url))
            self._is_cluster = topology.clustered
            if self._is_cluster:
                self._client = RedisCluster.from_url(self._url, **options)
            else:
                self._client = Redis.from_url(self._url, retry=Retry(NoBackoff(), 0), **options)
        return self._client

    def _pieces(self, user_ids: Collection[str]) -> list[list[str]]:
        """People whose keys one script may name together."""
        if not self._is_cluster:
            everybody = list(user_ids)
            return [everybody[at : at + KEYS_AT_ONCE] for at in range(0, len(everybody), KEYS_AT_ONCE)]
        groups: dict[int, list[str]] = {}
        for user_id in user_ids:
            groups.setdefault(_group(user_id), []).append(user_id)
        return list(groups.values())


def _group(user_id: str) -> int:
    return crc32(user_id.encode()) % GROUPS


def _person(user_id: str) -> str:
    return f"mtchat:o:{{{_group(user_id)}}}:{user_id}"


def _people(process: str) -> str:
    return f"mtchat:p:{process}"
