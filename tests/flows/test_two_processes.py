"""Two processes on one database and one Redis are one chat (F21, P7)."""

import asyncio

import pytest
from tornado.httpclient import AsyncHTTPClient

from tests.support.clients import ApiClient
from tests.support.factories import make_dialog, send
from tests.support.fix_app import ADMIN_TOKEN
from tests.support.fix_redis import RedisServer
from tests.support.process import ServerProcess
from tests.support.sockets import SocketClient

pytestmark = pytest.mark.slow


async def online(client: ApiClient, dialog_id: str) -> list[str]:
    """Who of a dialog is online, as its participant list says."""
    people = (await client.get(f"/dialogs/{dialog_id}/participants")).data
    return [person["user_id"] for person in people if person["is_online"]]


@pytest.mark.gen_test(timeout=90)
async def test_people_of_two_processes_talk_see_each_other_and_survive_the_loss_of_redis(
    database_url: str, redis_server: RedisServer
) -> None:
    """A message sent to one process reaches the socket at the other; what is sent while Redis is away comes as well."""
    environment = {"DATABASE_URL": database_url, "ADMIN_API_TOKEN": ADMIN_TOKEN, "REDIS_URL": redis_server.url}
    one, other = ServerProcess(environment), ServerProcess(environment)
    await one.start()
    await other.start()
    http = AsyncHTTPClient(force_instance=True)
    dialog_id = await make_dialog(ApiClient(http, one.base_url, admin_token=ADMIN_TOKEN), ["anna", "boris"])
    boris = await SocketClient.open(other.base_url, "boris")
    anna = ApiClient(http, one.base_url, user_id="anna")

    first = await send(anna, dialog_id, "<p>from the other process</p>")
    assert (await boris.expect("message.new"))["payload"]["message"] == first
    async with asyncio.timeout(10):
        while await online(anna, dialog_id) != ["boris"]:
            pass

    redis_server.kill()
    second = await send(anna, dialog_id, "<p>while Redis is away</p>")
    assert (await boris.expect("message.new"))["id"] == second["id"]

    redis_server.start()
    third = await send(anna, dialog_id, "<p>and after</p>")
    assert (await boris.expect("message.new"))["id"] == third["id"]
    boris.connection.close()
    assert await one.stop() == 0
    assert await other.stop() == 0
    http.close()
