"""Channels heard: the newest wish wins, and a bus that refuses is asked again."""

import pytest

from mtchat.realtime.subscriptions import Subscriptions
from tests.support.fake_realtime import ShakyBus


@pytest.mark.gen_test
async def test_a_wish_is_in_effect_when_settled() -> None:
    bus = ShakyBus()
    subscriptions = Subscriptions(bus)
    subscriptions.want("a")
    subscriptions.want("b")
    await subscriptions.settled()
    assert bus.channels == {"a", "b"}


@pytest.mark.gen_test
async def test_let_go_and_wanted_again_ends_up_heard() -> None:
    bus = ShakyBus()
    subscriptions = Subscriptions(bus)
    subscriptions.want("a")
    await subscriptions.settled()
    subscriptions.drop("a")
    subscriptions.want("a")
    await subscriptions.settled()
    assert bus.channels == {"a"}


@pytest.mark.gen_test
async def test_wishes_during_a_command_follow_it() -> None:
    bus = ShakyBus()
    subscriptions = Subscriptions(bus)
    subscriptions.want("a")
    subscriptions.want("b")
    settling = subscriptions.settled()
    subscriptions.drop("a")
    await settling
    assert bus.channels == {"b"}


@pytest.mark.gen_test
async def test_a_command_that_failed_is_given_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mtchat.realtime.subscriptions.RETRY_SECS", 0.0)

    class Stubborn(ShakyBus):
        refusals = 2

        async def subscribe(self, *channels: str) -> None:
            if self.refusals:
                self.refusals -= 1
                raise ConnectionError
            await super().subscribe(*channels)

    bus = Stubborn()
    subscriptions = Subscriptions(bus)
    subscriptions.want("a")
    await subscriptions.settled()
    assert bus.channels == {"a"}
