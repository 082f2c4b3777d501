"""The connections of a process: pings in groups, drain, the end."""

import orjson
import pytest

from mtchat.realtime.connection import Connection
from mtchat.realtime.frames import CLOSE, PING
from mtchat.realtime.hub import PING_GROUPS, Hub, Member
from tests.support.fake_realtime import Ears, FakeTransport, open_connection, realtime_settings, server_frames, settle


def hub_with(sockets: int) -> tuple[Hub, list[FakeTransport]]:
    hub = Hub(realtime_settings(SOCKET_PING_SECS="1"))
    transports = []

    def forget(connection: Connection) -> None:
        hub.remove(connection)

    for number in range(sockets):
        member = hub.members[f"user-{number}"] = Member(f"user-{number}")
        connection, transport = open_connection(member.user_id, Ears(forget))
        hub.add(connection, member)
        transports.append(transport)
    return hub, transports


@pytest.mark.gen_test
async def test_each_socket_is_pinged_once_in_a_round() -> None:
    """F22"""
    hub, transports = hub_with(PING_GROUPS * 2)
    for _ in range(PING_GROUPS):
        hub._ping()
    pings = [[opcode for opcode, _ in server_frames(transport.written)] for transport in transports]
    assert pings == [[PING]] * len(transports)
    await hub.close(0)


@pytest.mark.gen_test
async def test_drain_gives_each_client_its_own_time_to_return() -> None:
    """Issue 4: thousands must not come back in one second."""
    hub, transports = hub_with(200)
    hub.drain()
    delays = []
    for transport in transports:
        ((opcode, payload),) = server_frames(transport.written)
        assert (opcode, int.from_bytes(payload[:2], "big")) == (CLOSE, 1001)
        delays.append(orjson.loads(payload[2:])["retry_after_ms"])
    assert len(set(delays)) > 50
    assert 0 <= min(delays) <= max(delays) <= 700
    await hub.close(0)


@pytest.mark.gen_test
async def test_clients_that_do_not_hang_up_are_cut() -> None:
    hub, transports = hub_with(3)
    await hub.close(within_secs=0.001)
    await settle()
    assert all(transport.closed for transport in transports)
    assert hub.socket_count == 0


@pytest.mark.gen_test
async def test_nothing_of_a_closed_socket_is_kept() -> None:
    """P4"""
    hub, transports = hub_with(3)
    for transport in transports:
        transport.abort()
    await settle()
    assert hub.socket_count == 0
    assert not any(hub._ping_groups)
    assert not any(member.waiting or member.connections for member in hub.members.values())
