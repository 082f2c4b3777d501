"""What is noted while dialogs are loaded, and that it does not grow (P3, P4)."""

import pytest

from mtchat.realtime.overheard import Overheard


@pytest.mark.gen_test
async def test_the_newest_event_is_known_until_the_last_load_ends() -> None:
    overheard = Overheard()
    overheard.begin()
    overheard.begin()
    overheard.note("d1", 7)
    overheard.note("d1", 6)
    overheard.end()
    assert (overheard.newest("d1"), overheard.newest("d2")) == (7, 0)
    overheard.end()
    assert overheard.newest("d1") == 0
    assert not overheard.listening


@pytest.mark.gen_test
async def test_connecting_without_a_pause_forgets_after_two_generations(monkeypatch: pytest.MonkeyPatch) -> None:
    """P4"""
    overheard = Overheard()
    overheard.begin()
    overheard.note("d1", 1)
    monkeypatch.setattr("mtchat.realtime.overheard.GENERATION_SECS", -1.0)
    overheard.note("d2", 1)
    assert (overheard.newest("d1"), overheard.newest("d2")) == (1, 1)
    overheard.note("d3", 1)
    assert (overheard.newest("d1"), overheard.newest("d2")) == (0, 1)
