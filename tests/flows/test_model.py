"""Whatever people and a bad network do, each screen ends as the service is; nothing twice, nothing for strangers.

Three tenants on two processes with a real PostgreSQL and Redis. Between each client and its process, and between each
process and Redis, stands a proxy that cuts, delays and doubles connections. 500 operations in `make test`, 10,000 in
`make nightly`.
"""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tornado.ioloop import IOLoop

from mtchat.client.rest import ChatApi
from tests.support.fix_processes import OpenNode
from tests.support.fix_redis import RedisServer
from tests.support.nightly import nightly
from tests.support.screen import Screen, Shown, truth
from tests.support.story import ACTIONS, FAULTS, PEOPLE, Step, Story, Town, tenant_of

pytestmark = pytest.mark.slow

OPERATIONS = nightly(500, 10_000)
# Operations of one story; then everything heals and all is compared.
STORY = 100

steps = st.tuples(st.sampled_from(ACTIONS + FAULTS), st.integers(0, len(PEOPLE) - 1), st.integers(0, 99), st.booleans())

MEMBERSHIPS = """
SELECT dialog_id::text, user_id, seq, type FROM dialog_events
WHERE type IN ('participant.joined', 'participant.left') AND dialog_id = ANY (%s::uuid[]) ORDER BY dialog_id, seq
"""


async def compare(story: Story) -> None:
    """Log events must be there without a reconnect, each person's own state after the next resume."""
    by_name = {screen.name: await truth_of(story, screen) for screen in story.screens[: len(PEOPLE)]}
    for screen in story.screens:
        found = by_name[screen.name]
        ends = {dialog_id: shown.seq for dialog_id, shown in found.items()}
        await screen.until(lambda screen=screen, ends=ends: screen.ends == ends)  # type: ignore[misc]
        for dialog_id, shown in found.items():
            assert list(screen.shown[dialog_id].messages.items()) == list(shown.messages.items())
            assert screen.shown[dialog_id].people == shown.people
    await come_back(story)
    for screen in story.screens:
        for dialog_id, shown in by_name[screen.name].items():
            assert screen.shown[dialog_id].own == shown.own
            assert screen.shown[dialog_id].reads == shown.reads
    seen = {dialog_id: shown.messages for found in by_name.values() for dialog_id, shown in found.items()}
    for _, dialog_id, message in story.sent:
        if dialog_id in seen and message not in story.deleted:
            assert message in seen[dialog_id], "acknowledged is stored"


async def truth_of(story: Story, screen: Screen) -> dict[str, Shown]:
    """What a person should see, asked of a process without a proxy between."""
    async with ChatApi(story.town.nodes[0].base_url, user_id=screen.name, scopes=screen.scopes) as direct:
        return await truth(direct)


async def come_back(story: Story) -> None:
    """Cut everybody once more, and wait until each has resumed."""
    marks = [len(screen.events) for screen in story.screens]
    for address in story.addresses:
        address.break_off()
    for screen, mark in zip(story.screens, marks, strict=True):
        if screen.shown:
            await screen.until(
                lambda screen=screen, mark=mark: "live.resumed" in screen.types()[mark:]  # type: ignore[misc]
            )


async def check_what_came(story: Story) -> None:
    """Each event once and in order, none of another tenant's dialog, none after one's own leaving."""
    ends = await ends_of_those_who_left(story)
    for screen in story.screens:
        own = story.dialogs[tenant_of(PEOPLE.index(screen.name.split("-")[0]))]
        assert {event.dialog_id for event in screen.events} <= {None, *own}
        for dialog_id in own:
            came = screen.seqs(dialog_id)
            assert came == sorted(set(came))
            assert not came or came[-1] <= ends.get((dialog_id, screen.name), came[-1])


async def ends_of_those_who_left(story: Story) -> dict[tuple[str, str], int]:
    """Dialog and person -> seq of his leaving, of those who are out at the end."""
    ids = [dialog_id for dialogs in story.dialogs.values() for dialog_id in dialogs]
    async with story.town.nodes[0].services.database.connection() as connection:
        rows = await (await connection.execute(MEMBERSHIPS, [ids])).fetchall()
    last = {(row["dialog_id"], row["user_id"]): row for row in rows}
    return {key: row["seq"] for key, row in last.items() if row["type"] == "participant.left"}


@pytest.fixture
def town(open_node: OpenNode, redis_server: RedisServer, io_loop: IOLoop) -> Iterator[Town]:
    """Two processes that serve through all stories."""
    built: Town = io_loop.run_sync(lambda: Town.build(open_node, redis_server))
    yield built
    io_loop.run_sync(built.close)


@given(plan=st.lists(steps, min_size=STORY, max_size=STORY))
@hypothesis_settings(
    max_examples=OPERATIONS // STORY,
    deadline=None,
    database=None,
    # Time is part of a story, so a shorter one does not fail for the same reason.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.large_base_example],
)
def test_every_screen_ends_as_the_service_is(plan: list[Step], town: Town, io_loop: IOLoop) -> None:
    """P1, P2, P3, P4, F24"""

    async def tell() -> None:
        story = Story(town)
        try:
            await story.begin()
            await story.play(plan)
            await story.heal()
            await compare(story)
            await check_what_came(story)
        finally:
            await story.close()

    io_loop.run_sync(tell, timeout=120)
