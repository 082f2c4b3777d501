"""Presence on its way out: one frame per person and tick, one write per receiver in a storm (F23)."""

import pytest

from mtchat.realtime.hub import Hub, Member, Room
from mtchat.realtime.presence_feed import PresenceFeed
from tests.support.fake_realtime import DIALOG, FakeTransport, open_connection, realtime_settings
from tests.support.waiting import until


class World:
    """Rooms of the same people, each with a socket that counts its writes."""

    def __init__(self, *people: str, rooms: int = 1) -> None:
        self.hub = Hub(realtime_settings())
        self.feed = PresenceFeed(self.hub)
        self.sockets: dict[str, FakeTransport] = {}
        members = set()
        for user_id in people:
            connection, self.sockets[user_id] = open_connection(user_id)
            member = Member(user_id)
            member.connections.append(connection)
            members.add(member)
        self.rooms = [Room(DIALOG, 0, len(people)) for _ in range(rooms)]
        for room in self.rooms:
            room.members = members

    def tell(self, user_id: str, state: str) -> None:
        for room in self.rooms:
            self.feed.add(
                room,
                user_id,
                b'{"type":"presence.update","user_id":"%b","is":"%b"}' % (user_id.encode(), state.encode()),
            )

    async def tick(self) -> None:
        """Until everything is told."""
        await until(lambda: self.feed._timer is None)

    def heard(self, user_id: str) -> list[tuple[str, str]]:
        return [(message["user_id"], message["is"]) for message in self.sockets[user_id].messages]


@pytest.mark.gen_test
async def test_people_who_share_many_dialogs_hear_of_each_other_once() -> None:
    world = World("anna", "boris", "vera", rooms=20)
    world.tell("anna", "online")
    await world.tick()
    assert [world.heard(user_id) for user_id in ("anna", "boris", "vera")] == [
        [],
        [("anna", "online")],
        [("anna", "online")],
    ]


@pytest.mark.gen_test
async def test_only_the_newest_state_of_a_tick_is_told() -> None:
    world = World("anna", "boris")
    for state in ("online", "offline", "online"):
        world.tell("anna", state)
    await world.tick()
    assert world.heard("boris") == [("anna", "online")]


@pytest.mark.gen_test
async def test_a_storm_is_one_write_per_receiver(monkeypatch: pytest.MonkeyPatch) -> None:
    """P4: hundreds come back in one tick."""
    people = [f"user-{number}" for number in range(200)]
    world = World("anna", *people)
    writes: list[int] = []
    plain_write = FakeTransport.write

    def counted(transport: FakeTransport, data: bytes) -> None:
        writes.append(len(data))
        plain_write(transport, data)

    monkeypatch.setattr(FakeTransport, "write", counted)
    for user_id in people:
        world.tell(user_id, "online")
    await world.tick()
    assert len(writes) == 201
    assert sorted(user_id for user_id, _ in world.heard("anna")) == sorted(people)
