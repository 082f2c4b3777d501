"""From the bus to sockets: whoever is a member, nobody else (P1, F11, F19, F27)."""

import pytest

from mtchat.core.errors import Unavailable
from tests.support.fake_realtime import DIALOG, settle
from tests.support.fix_realtime import Process, kinds, seqs, started


@pytest.mark.gen_test
async def test_connected_is_the_first_frame(process: Process) -> None:
    await started(process)
    anna = await process.connected("anna")
    assert anna.messages == [{"type": "connected", "employee_id": "anna", "resume": True}]


@pytest.mark.gen_test
async def test_an_event_reaches_each_socket_of_each_member_and_nobody_else(process: Process) -> None:
    """P1, F11, F19"""
    await started(process)
    anna, tab, boris, vera = [await process.connected(name) for name in ("anna", "anna", "boris", "vera")]
    process.publisher.publish(process.log.message())
    await process.quiet()
    assert [seqs(socket) for socket in (anna, tab, boris, vera)] == [[1], [1], [1], []]


@pytest.mark.gen_test
async def test_personal_frames_reach_all_own_tabs_and_nobody_else(process: Process) -> None:
    """F27"""
    await started(process)
    anna, tab, boris = [await process.connected(name) for name in ("anna", "anna", "boris")]
    process.publisher.publish_to_user("anna", {"type": "dialog.archived", "dialog_id": DIALOG})
    await process.quiet()
    assert [kinds(socket)[1:] for socket in (anna, tab, boris)] == [["dialog.archived"], ["dialog.archived"], []]


@pytest.mark.gen_test
async def test_revoked_credentials_close_every_socket_of_the_person(process: Process) -> None:
    """Design 8"""
    await started(process)
    anna, tab, boris = [await process.connected(name) for name in ("anna", "anna", "boris")]
    process.publisher.revoke("anna")
    await process.quiet()
    assert [socket.close_code for socket in (anna, tab, boris)] == [4401, 4401, None]


@pytest.mark.gen_test
async def test_dialogs_that_cannot_be_loaded_close_the_socket_with_a_time_to_return(process: Process) -> None:
    await started(process)
    process.log.fail_with = Unavailable("away")
    anna = process.connect("anna")
    await settle()
    assert (anna.close_code, anna.messages) == (1013, [])
    process.log.fail_with = None
    assert await process.connected("anna")


@pytest.mark.gen_test
async def test_the_oldest_of_too_many_sockets_is_closed() -> None:
    """F19"""
    process = await started(Process(SOCKETS_PER_USER="2"))
    first, second, third = [await process.connected("anna") for _ in range(3)]
    process.publisher.publish(process.log.message())
    await process.quiet()
    assert [socket.close_code for socket in (first, second, third)] == [4501, None, None]
    assert [seqs(socket) for socket in (first, second, third)] == [[], [1], [1]]


@pytest.mark.gen_test
async def test_drain_spreads_the_returns_and_takes_no_new_sockets(process: Process) -> None:
    """Issue 4: SIGTERM"""
    await started(process)
    sockets = [await process.connected("anna") for _ in range(10)]
    process.hub.drain()
    late = process.connect("boris")
    assert {socket.close_code for socket in [*sockets, late]} == {1001}
