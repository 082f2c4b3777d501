"""A bus that was cut: nothing stays lost (P3, P4)."""

import asyncio

import pytest

from tests.support.fake_realtime import DIALOG, settle
from tests.support.fix_realtime import Process, seqs, started


@pytest.mark.gen_test
async def test_healing_after_a_cut_delivers_everything_in_order(process: Process) -> None:
    """P3, P4: nothing was heard during the cut; joins and departures are seen as well."""
    await started(process)
    anna, boris, vera = [await process.connected(name) for name in ("anna", "boris", "vera")]
    other = DIALOG.replace("0001", "0002")
    process.log.start_dialog(other, "vera")
    process.log.message()
    process.log.left("boris")
    process.log.message()
    process.bus.change_state(True)
    await process.quiet()
    await settle(60)
    assert (seqs(anna), seqs(boris)) == ([1, 2, 3], [1, 2])
    assert vera.messages[1:] == [{"type": "participant.joined", "dialog_id": other, "user_id": "vera"}]


@pytest.mark.gen_test
async def test_healing_tells_of_a_dialog_that_was_deleted_meanwhile(process: Process) -> None:
    await started(process)
    anna = await process.connected("anna")
    del process.log.dialogs[DIALOG]
    process.bus.change_state(True)
    await settle(60)
    assert anna.messages[1:] == [{"type": "participant.left", "dialog_id": DIALOG, "user_id": "anna"}]


@pytest.mark.gen_test
async def test_while_the_bus_is_cut_the_log_is_polled(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """P4: losing Redis loses nothing."""
    await started(process)
    anna = await process.connected("anna")
    monkeypatch.setattr(process.dispatcher._healing, "_poll_secs", 0.001)
    process.bus.change_state(False)
    for _ in range(3):
        process.log.message()
        await asyncio.sleep(0.01)
    assert seqs(anna) == [1, 2, 3]
    process.bus.change_state(True)
    await asyncio.sleep(0.01)
    asked = len(process.log.asked)
    await asyncio.sleep(0.01)
    assert len(process.log.asked) == asked
