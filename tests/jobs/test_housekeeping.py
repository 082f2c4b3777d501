"""What is too old goes, piece by piece, and nothing else."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from mtchat.core.services import Services
from mtchat.core.webhooks import first_id_of
from mtchat.jobs.loops import clean_up_once
from mtchat.persistence import housekeeping
from mtchat.persistence.deliveries import LAST_ID
from tests.jobs.hooks import deliveries, listen_to, make_webhook
from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_jobs import Jobs
from tests.support.receiver import Receiver, in_turn, with_status

Api = Callable[[str], ApiClient]


@pytest.fixture
def environment(receiver: Receiver) -> dict[str, str]:
    return {
        **receiver.environment,
        "WEBHOOK_ALLOW_PRIVATE": "1",
        "EVENT_RETENTION_DAYS": "2",
        "WEBHOOK_RETENTION_DAYS": "5",
    }


async def _run(services: Services, sql: str, **params: object) -> None:
    async with services.database.connection() as connection:
        await connection.execute(sql.encode(), params)


async def _count(services: Services, table: str) -> int:
    async with services.database.connection() as connection:
        rows = await (await connection.execute(f"SELECT FROM {table}".encode())).fetchall()
    return len(rows)


@pytest.mark.gen_test(timeout=20)
async def test_old_events_go_and_the_messages_stay(
    api: Api, host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "PAGES_PER_SLICE", 1)
    dialog_id = await make_dialog(host)
    for number in range(300):
        await send(api("anna"), dialog_id, f"<p>{number}</p>")
    await _run(services, "UPDATE dialog_events SET created_at = now() - interval '49 hours' WHERE seq <= 250")
    removed = await clean_up_once(services)
    assert removed["events"] == 250
    assert await _count(services, "dialog_events") == 51
    assert await _count(services, "messages") == 301


@pytest.mark.gen_test
async def test_keys_of_create_calls_are_kept_for_a_day_at_least(host: ApiClient, services: Services) -> None:
    for key, hours in (("young", 25), ("old", 49)):
        body = {"object_id": "o", "object_type": "t", "participants": []}
        assert (await host.post("/dialogs", body, headers={"Idempotency-Key": key})).status == 200
        await _run(
            services,
            "UPDATE idempotency_keys SET created_at = now() - %(hours)s * interval '1 hour' WHERE key = %(key)s",
            hours=hours,
            key=key,
        )
    assert (await clean_up_once(services))["keys"] == 1


@pytest.mark.gen_test
async def test_old_deliveries_go_with_their_lanes_also_those_that_never_arrived(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    anna = api("anna")
    old, young = await make_dialog(host), await make_dialog(host)
    for dialog_id in (old, young):
        await send(anna, dialog_id)
    await jobs.settled(2)
    six_days_ago = first_id_of(datetime.now(UTC) - timedelta(days=6))
    await _run(
        services,
        "UPDATE webhook_deliveries SET id = %(id)s"
        " WHERE lane_id = (SELECT id FROM webhook_lanes WHERE dialog_id = %(of)s)",
        id=six_days_ago,
        of=old,
    )
    removed = await clean_up_once(services)
    assert (removed["deliveries"], removed["lanes"]) == (1, 1)
    assert [row["dialog_id"] for row in await deliveries(host)] == [young]
    await send(anna, old)
    assert len(await receiver.wait_for(3)) == 3


@pytest.mark.gen_test
async def test_a_lane_emptied_by_time_goes_on_with_what_comes(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """What waited for a week in vain is given up; the dialog is not stuck behind it."""
    await listen_to(host, "message.new")
    anna, dialog_id = api("anna"), await make_dialog(host)
    receiver.answer = in_turn(with_status(500), with_status(200))
    await send(anna, dialog_id)
    await jobs.tried(1)
    await _run(services, "DELETE FROM webhook_deliveries")
    await jobs.pass_time(2)
    await send(anna, dialog_id, "<p>second</p>")
    _, second = await receiver.wait_for(2)
    assert second.text == "<p>second</p>"


@pytest.mark.gen_test
async def test_a_deleted_endpoint_leaves_nothing(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    made = await make_webhook(host, receiver.url)
    await send(api("anna"), await make_dialog(host))
    await jobs.settled(2)
    assert (await host.delete(f"/webhooks/{made['id']}")).status == 204
    removed = await clean_up_once(services)
    assert (removed["deliveries"], removed["lanes"], removed["endpoints"]) == (1, 1, 1)
    assert await _count(services, "webhook_endpoints") == 1


@pytest.mark.gen_test
async def test_a_large_number_goes_in_batches(
    host: ApiClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Design 3: no statement so large that a send waits for it."""
    monkeypatch.setattr(housekeeping, "ROWS_PER_BATCH", 10)
    await _run(
        services,
        "INSERT INTO idempotency_keys SELECT 'key-' || n, gen_random_uuid(), now() - interval '3 days'"
        " FROM generate_series(1, 95) AS n",
    )
    before = services.database.statements
    assert (await clean_up_once(services))["keys"] == 95
    assert services.database.statements - before > 10


@pytest.mark.gen_test(timeout=20)
async def test_a_piece_that_is_not_committed_yet_keeps_no_send_waiting(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """P4: held open on purpose, longer than a piece ever is."""
    await listen_to(host, "message.new")
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id)
    await jobs.settled(1)
    pieces: list[tuple[str, dict[str, object]]] = [
        ("prune_events", {"first": "(0,0)", "end": "(9,0)", "age_secs": 0}),
        ("prune_idempotency_keys", {"age_secs": 0, "limit": 9}),
        ("prune_notifications", {"age_secs": 0, "limit": 9}),
        ("prune_deliveries", {"before": LAST_ID, "limit": 9}),
    ]
    async with services.database.transaction() as connection:
        removed = [await services.database.execute(name, params, connection) for name, params in pieces]
        async with asyncio.timeout(5):
            await send(api("anna"), dialog_id, "<p>meanwhile</p>")
    assert removed == [2, 0, 0, 1]
    assert (await receiver.wait_for(2))[1].text == "<p>meanwhile</p>"


@pytest.mark.gen_test(timeout=20)
async def test_housekeeping_waits_for_no_send(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """A send that is under way holds its dialog and its lane; the lane is left for another time."""
    await listen_to(host, "message.new")
    dialog_id = await make_dialog(host)
    await send(api("anna"), dialog_id)
    await jobs.settled(1)
    async with services.database.transaction() as connection:
        await connection.execute(b"SELECT FROM dialogs AS d JOIN webhook_lanes AS l ON l.dialog_id = d.id FOR UPDATE")
        async with asyncio.timeout(5):
            await _run(services, "DELETE FROM webhook_deliveries")
            assert (await clean_up_once(services))["lanes"] == 0
    assert (await clean_up_once(services))["lanes"] == 1


@pytest.mark.gen_test(timeout=30)
async def test_what_is_sent_while_lanes_are_removed_arrives(
    api: Api, host: ApiClient, services: Services, jobs: Jobs, receiver: Receiver
) -> None:
    """A lane that somebody is about to use and somebody else about to remove is made anew."""
    await listen_to(host, "message.new")
    dialogs = [await make_dialog(host) for _ in range(3)]
    sent = asyncio.Event()

    async def remove() -> None:
        while not sent.is_set():
            await _run(services, "DELETE FROM webhook_deliveries WHERE state = 'delivered'")
            async for _ in housekeeping.prune_lanes(services.database):
                pass

    removing = asyncio.create_task(remove())
    for number in range(60):
        await send(api("anna"), dialogs[number % 3], f"<p>{number}</p>")
    sent.set()
    await removing
    hooks = await receiver.wait_for(60)
    assert {hook.text for hook in hooks} == {f"<p>{number}</p>" for number in range(60)}
