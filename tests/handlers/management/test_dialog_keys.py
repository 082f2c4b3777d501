"""Dialogs made once, however often the host asks: Idempotency-Key on create (F44)."""

import asyncio

import pytest

from mtchat.core.services import Services
from tests.handlers.management.calls import ANNA, create
from tests.handlers.management.conftest import RecordingPublisher
from tests.support.clients import ApiClient


@pytest.mark.gen_test
async def test_a_repeated_key_answers_the_first_dialog_and_tells_nobody(
    host: ApiClient, publisher: RecordingPublisher, services: Services
) -> None:
    """F44"""
    first = await create(host, "key-1", participants=[ANNA], meta={"n": 1})
    before = services.database.statements
    again = await create(host, "key-1", participants=[ANNA], meta={"n": 1})
    assert services.database.statements - before == 2
    assert (again.status, again.json) == (first.status, first.json)
    assert len(publisher.told) == 1


@pytest.mark.gen_test(timeout=20)
async def test_racing_creates_with_one_key_make_one_dialog(
    host: ApiClient, publisher: RecordingPublisher, services: Services
) -> None:
    """F44, P2"""
    answers = await asyncio.gather(*(create(host, "key-1", participants=[ANNA]) for _ in range(12)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.data["id"] for answer in answers}) == 1
    assert len(publisher.told) == 1
    async with services.database.connection() as connection:
        rows = await (await connection.execute("SELECT FROM dialogs")).fetchall()
    assert len(rows) == 1


@pytest.mark.gen_test
async def test_different_keys_make_different_dialogs(host: ApiClient) -> None:
    assert (await create(host, "key-1")).data["id"] != (await create(host, "key-2")).data["id"]


@pytest.mark.gen_test
async def test_the_key_of_a_deleted_dialog_is_free_again(host: ApiClient) -> None:
    first = (await create(host, "key-1")).data["id"]
    await host.delete(f"/dialogs/{first}")
    second = (await create(host, "key-1")).data["id"]
    assert second != first
    assert (await create(host, "key-1")).data["id"] == second


@pytest.mark.gen_test
async def test_a_key_of_another_object_is_refused(host: ApiClient) -> None:
    await create(host, "key-1")
    assert (await create(host, "key-1", object_id="order-2")).error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_a_failed_create_leaves_its_key_free(host: ApiClient) -> None:
    assert (await create(host, "key-1", title="x" * 501)).status == 400
    assert (await create(host, "key-1")).status == 200


@pytest.mark.gen_test
async def test_a_key_has_1_to_255_characters(host: ApiClient) -> None:
    assert (await create(host, "k" * 255)).status == 200
    assert (await create(host, "k" * 256)).error == (400, "INVALID_INPUT")
    assert (await create(host, "")).error == (400, "INVALID_INPUT")


@pytest.mark.gen_test
async def test_keys_are_kept_for_a_day_at_least_and_old_ones_go_along_the_way(
    host: ApiClient, services: Services
) -> None:
    """F44: kept at least 24 h; the table does not grow for ever."""
    for name in ("old", "older", "fresh"):
        await create(host, name)
    async with services.database.connection() as connection:
        await connection.execute(
            "UPDATE idempotency_keys SET created_at = now() - interval '49 hours' WHERE key LIKE 'old%'"
        )
        await connection.execute(
            "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'fresh'"
        )
        await create(host, "new")
        rows = await (await connection.execute("SELECT key FROM idempotency_keys ORDER BY key")).fetchall()
    assert [row["key"] for row in rows] == ["fresh", "new"]
