"""What reaches the bus, and that nothing it does reaches the caller (P2, P4)."""

from mtchat.core.events import LoggedEvent
from mtchat.realtime.bus import dialog_channel, pack, unpack, user_channel, user_of_channel
from mtchat.realtime.publisher import Publisher
from tests.support.fake_realtime import DIALOG, ShakyBus


def test_events_keep_their_order_and_a_newcomer_hears_the_first_of_them() -> None:
    bus = ShakyBus()
    message = LoggedEvent(DIALOG, 4, "message.new", {"dialog_id": DIALOG})
    joined = LoggedEvent(DIALOG, 5, "participant.joined", {"dialog_id": DIALOG, "user_id": "vera"}, "vera")
    Publisher(bus).publish(message, joined)
    assert [(channel, unpack(payload)[0]) for channel, payload in bus.sent] == [
        (user_channel("vera"), ["gained", DIALOG, 4]),
        (dialog_channel(DIALOG), [4, "message.new", None, DIALOG, None]),
        (dialog_channel(DIALOG), [5, "participant.joined", "vera", DIALOG, None]),
    ]


def test_a_failing_bus_fails_no_request() -> None:
    """P4"""

    class Broken(ShakyBus):
        def publish(self, channel: str, payload: bytes) -> None:
            raise ConnectionError

    Publisher(Broken()).publish_to_user("anna", {"type": "dialog.archived"})


def test_a_frame_may_hold_line_breaks() -> None:
    assert unpack(pack([1, "x"], b'{"a":\n1}\n')) == ([1, "x"], b'{"a":\n1}\n')


def test_any_user_id_has_a_channel_of_its_own() -> None:
    assert user_of_channel(user_channel("{odd}:id")) == "{odd}:id"
    assert user_of_channel(dialog_channel(DIALOG)) is None
