"""A client that comes back: what it missed, in order, once, then live (P3)."""

import asyncio

import pytest

from mtchat.core.errors import Unavailable
from tests.support.fake_realtime import DIALOG, settle
from tests.support.fix_realtime import Process, kinds, seqs, started


@pytest.mark.gen_test
async def test_resume_sends_what_is_missing_then_resumed_then_live(process: Process) -> None:
    """P3: events that happen during the resume come after it, none is missing or doubled."""
    await started(process)
    for _ in range(3):
        process.log.message()
    anna = await process.connected("anna")
    process.log.turns = 5
    resuming = asyncio.ensure_future(process.dispatcher.resume(anna.connection, {DIALOG: 1}))
    await settle(3)
    process.publisher.publish(process.log.message())
    process.bus.deliver(0)
    await settle(7)
    process.publisher.publish(process.log.message())
    process.bus.deliver(1)
    await resuming
    assert seqs(anna) == [2, 3, 4, 5]
    assert kinds(anna).count("resumed") == 1


@pytest.mark.gen_test
async def test_resume_names_the_dialogs_that_are_no_longer_his(process: Process) -> None:
    await started(process)
    vera = await process.connected("vera")
    await process.dispatcher.resume(vera.connection, {DIALOG: 0})
    assert vera.messages[-1] == {"type": "resumed", "state": {}, "reload": [], "gone": [DIALOG]}


@pytest.mark.gen_test
async def test_a_resume_with_too_much_meanwhile_closes_as_slow() -> None:
    """P4"""
    process = await started(Process(SOCKET_QUEUE_FRAMES="16"))
    anna = await process.connected("anna")
    process.log.turns = 40
    resuming = asyncio.ensure_future(process.dispatcher.resume(anna.connection, {DIALOG: 0}))
    await settle(3)
    for number in range(17):
        process.publisher.publish(process.log.message())
        process.bus.deliver(number)
    await resuming
    assert anna.close_code == 4008


@pytest.mark.gen_test
async def test_a_failed_resume_lets_live_events_go_on(process: Process) -> None:
    await started(process)
    anna = await process.connected("anna")
    process.log.fail_with = Unavailable("away")
    with pytest.raises(Unavailable):
        await process.dispatcher.resume(anna.connection, {DIALOG: 0})
    process.log.fail_with = None
    process.publisher.publish(process.log.message())
    await process.quiet()
    assert seqs(anna) == [1]
