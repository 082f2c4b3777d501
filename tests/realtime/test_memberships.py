"""Who is in which dialog, whatever order things arrive in (P1, P3, F23, F28)."""

import pytest

from mtchat.realtime.bus import dialog_channel, user_channel
from tests.support.fake_realtime import DIALOG, settle
from tests.support.fix_realtime import Process, seqs, started


@pytest.mark.gen_test
async def test_one_query_loads_the_dialogs_of_all_who_wait(process: Process) -> None:
    """Issue 4: thousands come back at once."""
    await started(process)
    for number in range(50):
        process.connect(f"user-{number}")
    await settle(60)
    assert process.log.asked.count("list_memberships_of") <= 2


@pytest.mark.gen_test
async def test_a_second_tab_asks_the_database_nothing(process: Process) -> None:
    await started(process)
    await process.connected("anna")
    asked = len(process.log.asked)
    await process.connected("anna")
    assert len(process.log.asked) == asked


@pytest.mark.parametrize("brings_all", [True, False])
@pytest.mark.gen_test
async def test_an_event_committed_while_dialogs_are_loaded_is_not_lost(brings_all: bool) -> None:
    """P3: it is published before this process follows the dialog."""
    process = await started(Process(brings_all=brings_all))
    process.log.turns = 10
    anna = process.connect("anna")
    await process.log.asked_for("list_memberships_of")
    process.publisher.publish(process.log.message())
    await process.quiet()
    await settle(60)
    process.publisher.publish(process.log.message())
    await process.quiet()
    assert seqs(anna) == [1, 2]


@pytest.mark.gen_test
async def test_a_process_that_is_alone_asks_once_at_connect() -> None:
    """Design 5: the hub is filled at connect from one query."""
    process = await started(Process(brings_all=True))
    await process.connected("anna")
    assert process.log.asked == ["list_memberships_of"]


@pytest.mark.gen_test
async def test_a_newcomer_hears_what_was_committed_with_his_joined(process: Process) -> None:
    await started(process)
    vera = await process.connected("vera")
    boris = await process.connected("boris")
    process.publisher.publish(process.log.message(), process.log.joined("vera"))
    await process.quiet()
    assert (seqs(boris), seqs(vera)) == ([1, 2], [1, 2])


@pytest.mark.gen_test
async def test_a_newcomer_alone_in_this_process_hears_from_his_own_joined_on(process: Process) -> None:
    await started(process)
    vera = await process.connected("vera")
    process.publisher.publish(process.log.joined("vera"))
    await process.quiet()
    process.publisher.publish(process.log.message())
    await process.quiet()
    assert seqs(vera) == [1, 2]


@pytest.mark.gen_test
async def test_who_leaves_hears_his_own_left_and_nothing_after(process: Process) -> None:
    """P1, F11"""
    await started(process)
    anna, boris = await process.connected("anna"), await process.connected("boris")
    process.publisher.publish(process.log.left("boris"), process.log.message())
    await process.quiet()
    assert (seqs(anna), seqs(boris)) == ([1, 2], [1])


@pytest.mark.gen_test
async def test_a_lost_left_is_made_up_for_before_anything_later_goes_out(process: Process) -> None:
    """P1: a hole in the bus never shows a former member what came after he left."""
    await started(process)
    boris = await process.connected("boris")
    anna = await process.connected("anna")
    process.log.left("boris")
    process.publisher.publish(process.log.message())
    await process.quiet()
    assert (seqs(anna), seqs(boris)) == ([1, 2], [1])


@pytest.mark.gen_test
async def test_an_older_joined_that_comes_late_does_not_bring_back_who_left(process: Process) -> None:
    """P1"""
    await started(process)
    vera, anna = await process.connected("vera"), await process.connected("anna")
    process.publisher.publish(process.log.joined("vera"))
    late = process.bus.sent.copy()
    process.publisher.publish(process.log.left("vera"))
    await process.quiet()
    process.bus.sent = late
    process.publisher.publish(process.log.message())
    await process.quiet()
    assert (seqs(anna), seqs(vera)) == ([1, 2, 3], [1, 2])


@pytest.mark.gen_test
async def test_creation_tells_each_person_of_himself_alone(process: Process) -> None:
    """F28"""
    await started(process)
    anna, boris = await process.connected("anna"), await process.connected("boris")
    other = DIALOG.replace("0001", "0002")
    process.log.start_dialog(other, "anna", "boris")
    process.log.message(other)
    process.publisher.dialog_created(other, 1, ["anna", "boris"])
    await process.quiet()
    process.publisher.publish(process.log.message(other))
    await process.quiet()
    joined = {"type": "participant.joined", "dialog_id": other}
    assert anna.messages[1] == joined | {"user_id": "anna"}
    assert boris.messages[1] == joined | {"user_id": "boris"}
    assert seqs(anna) == seqs(boris) == [2]


@pytest.mark.gen_test
async def test_deletion_tells_each_person_of_himself_alone(process: Process) -> None:
    """F28"""
    await started(process)
    anna = await process.connected("anna")
    process.publisher.dialog_deleted(DIALOG, ["anna", "boris"])
    await process.quiet()
    assert anna.messages[1:] == [{"type": "participant.left", "dialog_id": DIALOG, "user_id": "anna"}]
    assert process.hub.room_size("anna", DIALOG) is None


@pytest.mark.gen_test
async def test_channels_are_let_go_after_the_last_person(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtchat.realtime.dispatcher.LINGER_SECS", 0.0)
    process = await started(Process())
    anna = await process.connected("anna")
    assert process.bus.channels == {dialog_channel(DIALOG), user_channel("anna")}
    anna.abort()
    await process.quiet()
    assert (process.bus.channels, process.hub.rooms, process.hub.members) == (set(), {}, {})


@pytest.mark.gen_test
async def test_who_returns_within_the_grace_is_never_offline_and_loads_nothing() -> None:
    """P5, F23"""
    process = await started(Process(PRESENCE_GRACE_SECS="5"))
    told: list[bool] = []
    process.hub.on_presence(lambda user_id, online, dialogs: told.append(online))
    anna = await process.connected("anna")
    asked = len(process.log.asked)
    anna.abort()
    await settle()
    assert process.hub.is_online("anna")
    await process.connected("anna")
    assert (told, len(process.log.asked)) == ([True], asked)


@pytest.mark.gen_test
async def test_who_stays_away_is_offline_after_the_grace(process: Process) -> None:
    await started(process)
    told: list[tuple[str, bool, list[tuple[str, int]]]] = []
    process.hub.on_presence(lambda *change: told.append(change))
    anna = await process.connected("anna")
    anna.abort()
    await process.quiet()
    assert told == [("anna", True, [(DIALOG, 2)]), ("anna", False, [(DIALOG, 2)])]


@pytest.mark.gen_test
async def test_a_newcomer_is_let_in_when_somebody_elses_connect_opened_the_dialog_first(process: Process) -> None:
    """P3: the dialog was loaded here with his joined already in it, so that event never passes here again."""
    await started(process)
    vera = await process.connected("vera")
    process.publisher.publish(process.log.joined("vera"))
    await process.connected("anna")
    await process.quiet()
    process.publisher.publish(process.log.message())
    await process.quiet()
    joined = {"type": "participant.joined", "dialog_id": DIALOG, "user_id": "vera"}
    assert joined in vera.messages
    assert seqs(vera) == [2]
