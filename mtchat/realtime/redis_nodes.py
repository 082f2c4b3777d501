"""What Redis looks like from here: one server, or a cluster and who owns which slots. Knows no channel of ours."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.crc import key_slot
from redis.exceptions import RedisError, ResponseError

# Waits for one answer: a server that takes longer counts as away.
ANSWER_SECS: Final = 5.0


class Node(NamedTuple):
    """Where a server listens."""

    host: str
    port: int


@dataclass(frozen=True)
class Topology:
    """The servers at one moment.

    sharded: whether they know sharded pub/sub (Redis 7). clustered: whether each owns only some of the slots.
    """

    nodes: tuple[Node, ...]
    sharded: bool
    clustered: bool
    _starts: tuple[int, ...] = field(default=(), repr=False)
    _ranges: tuple[tuple[int, Node], ...] = field(default=(), repr=False)

    def node_of(self, channel: str) -> Node | None:
        """Return who carries a channel; None while nobody owns its slot."""
        if not self.clustered:
            return self.nodes[0]
        slot = key_slot(channel.encode())
        at = bisect_right(self._starts, slot) - 1
        if at < 0:
            return None
        end, node = self._ranges[at]
        return node if slot <= end else None


class Dialer:
    """Makes connections as the URL says: address, TLS, credentials."""

    def __init__(self, url: str) -> None:
        options: dict[str, Any] = dict(parse_url(url))
        self._kind: type[AbstractConnection] = options.pop("connection_class", Connection)
        # Pub/sub messages of protocol 2 are plain answers, in order with those to our commands.
        self._options = {"socket_timeout": ANSWER_SECS, "socket_connect_timeout": ANSWER_SECS} | options
        self._options |= {"protocol": 2, "client_name": "mtchat"}
        self.home = Node(self._options.get("host", "localhost"), self._options.get("port", 6379))

    def connection(self, node: Node) -> AbstractConnection:
        """Return a connection that is not open yet."""
        place = {} if "path" in self._options else {"host": node.host, "port": node.port}
        return self._kind(**(self._options | place))


async def read_topology(dialer: Dialer, known: Iterable[Node] = ()) -> Topology:
    """Ask the server of the URL, or another known one when it is away.

    Raises RedisError or OSError of the last one asked when none answers.
    """
    asked = list(dict.fromkeys((dialer.home, *known)))
    for number, node in enumerate(asked, 1):
        try:
            return await _ask(dialer, node)
        except (OSError, RedisError):
            if number == len(asked):
                raise
    raise AssertionError("the server of the URL is always asked")


async def _ask(dialer: Dialer, node: Node) -> Topology:
    connection = dialer.connection(node)
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
        sharded = bool(any(await _answer(connection, "COMMAND", "INFO", "SPUBLISH") or ()))
        slots = await _answer(connection, "CLUSTER", "SLOTS")
        # A cluster without any slot has just been made, or has lost all its masters.
        clustered = slots is not None and bool(await _answer(connection, "CLUSTER", "MYID"))
    finally:
        await connection.disconnect(nowait=True)
    if not clustered:
        return Topology((node,), sharded, False)
    ranges = sorted((start, end, _place(owner, node)) for start, end, owner, *_ in slots)
    return Topology(
        nodes=tuple(dict.fromkeys(owner for _, _, owner in ranges)),
        sharded=sharded,
        clustered=True,
        _starts=tuple(start for start, _, _ in ranges),
        _ranges=tuple((end, owner) for _, end, owner in ranges),
    )


async def _answer(connection: AbstractConnection, *command: str) -> Any:
    """Return the answer to a command, None when the server does not know or allow it."""
    await connection.send_command(*command)
    try:
        return await connection.read_response(disable_decoding=True)
    except ResponseError:
        return None


def _place(owner: list[Any], asked: Node) -> Node:
    """A node that does not know its own address gives none: it is the one that was asked."""
    host, port = (owner[0] or b"").decode(), int(owner[1])
    return Node(host if host not in ("", "?") else asked.host, port)
