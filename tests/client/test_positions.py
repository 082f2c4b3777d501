"""Which events are new to a client: next, older, ahead of their turn (P3)."""

from hypothesis import given
from hypothesis import strategies as st

from mtchat.client.positions import Positions, Verdict

DIALOG = "the dialog"


def judged(positions: Positions, *seqs: int) -> list[Verdict]:
    """What becomes of these events, one after another."""
    return [positions.judge(DIALOG, seq) for seq in seqs]


def test_the_first_event_of_a_dialog_is_where_counting_begins() -> None:
    positions = Positions()
    assert judged(positions, 7, 8, 7) == [Verdict.TAKE, Verdict.TAKE, Verdict.DROP]
    assert positions.known == {DIALOG: 8}


def test_an_event_ahead_of_its_turn_asks_for_what_is_missing_and_then_waits() -> None:
    positions = Positions()
    positions.note(DIALOG, 3)
    assert judged(positions, 6) == [Verdict.ASK]
    positions.asked([DIALOG])
    assert judged(positions, 7, 4, 5, 6) == [Verdict.DROP, Verdict.TAKE, Verdict.TAKE, Verdict.TAKE]
    positions.answered([DIALOG])
    assert judged(positions, 9) == [Verdict.ASK]


def test_of_two_questions_under_way_the_last_answer_counts() -> None:
    positions = Positions()
    positions.note(DIALOG, 3)
    for _ in range(2):
        positions.asked([DIALOG])
    positions.answered([DIALOG])
    assert judged(positions, 6) == [Verdict.DROP]
    positions.disconnected()
    assert judged(positions, 6) == [Verdict.ASK]


def test_what_was_loaded_never_takes_a_dialog_back_but_loading_it_again_may() -> None:
    positions = Positions()
    positions.note(DIALOG, 9)
    positions.note(DIALOG, 4)
    assert positions.known == {DIALOG: 9}
    positions.place(DIALOG, 4)
    assert judged(positions, 5) == [Verdict.TAKE]
    positions.forget(DIALOG)
    assert DIALOG not in positions


@given(st.lists(st.integers(1, 12), max_size=60), st.integers(0, 5))
def test_whatever_order_events_come_in_each_is_taken_once_and_in_its_turn(seqs: list[int], start: int) -> None:
    positions = Positions()
    positions.note(DIALOG, start)
    taken = [seq for seq in seqs if positions.judge(DIALOG, seq) is Verdict.TAKE]
    assert taken == list(range(start + 1, start + 1 + len(taken)))
