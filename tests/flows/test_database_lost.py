"""P7, F64: losing the database answers 503 with the envelope, and heals by itself when it is back."""

import asyncio
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from tornado.ioloop import IOLoop

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.proxy import Proxy

Api = Callable[[str], ApiClient]


@pytest.fixture
def cable(io_loop: IOLoop, database_url: str) -> Iterator[Proxy]:
    """The cable between the server and its database."""
    parts = urlsplit(database_url)
    socket_folder = parse_qs(parts.query).get("host", [""])[0]

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if socket_folder:
            return await asyncio.open_unix_connection(f"{socket_folder}/.s.PGSQL.{parts.port or 5432}")
        return await asyncio.open_connection(parts.hostname, parts.port or 5432)

    proxy = Proxy(connect)
    io_loop.run_sync(proxy.start)
    yield proxy
    io_loop.run_sync(proxy.close)


@pytest.fixture
def environment(cable: Proxy, database_url: str) -> dict[str, str]:
    parts = urlsplit(database_url)
    credentials = parts.netloc.rpartition("@")[0]
    return {
        "DATABASE_URL": f"postgresql://{credentials}@127.0.0.1:{cable.port}{parts.path}",
        "DATABASE_ACQUIRE_TIMEOUT_SECS": "2",
    }


@pytest.mark.gen_test(timeout=60)
async def test_a_lost_database_is_a_503_and_heals_by_itself(api: Api, host: ApiClient, cable: Proxy) -> None:
    dialog_id = await make_dialog(host)
    before = await send(api("anna"), dialog_id)
    cable.cut()
    for call in (
        api("anna").get("/dialogs"),
        api("anna").get(f"/dialogs/{dialog_id}/messages"),
        api("anna").post(f"/dialogs/{dialog_id}/messages", {"content": "<p>lost?</p>", "client_message_id": "k"}),
        api("anna").post(f"/dialogs/{dialog_id}/read", {"last_read_message_id": before["id"]}),
        host.get(f"/dialogs/{dialog_id}"),
    ):
        answer = await call
        assert answer.error == (503, "SERVICE_UNAVAILABLE")
        assert int(answer.headers["Retry-After"]) >= 1
    cable.heal()
    async with asyncio.timeout(20):
        while (await api("anna").get("/dialogs")).status == 503:
            pass
    again = await send(api("anna"), dialog_id, "<p>lost?</p>", client_message_id="k")
    page = (await api("boris").get(f"/dialogs/{dialog_id}/messages")).data
    assert [message["id"] for message in page["messages"][1:]] == [before["id"], again["id"]]
