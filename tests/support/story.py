"""People of three tenants on two processes who do whatever a plan says, over a network that does whatever it says."""

import asyncio
import itertools
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import pytest

from mtchat.client.errors import RefusedError, UnreachableError
from mtchat.client.rest import ChatApi
from tests.support.factories import make_dialog
from tests.support.fix_processes import Node, OpenNode
from tests.support.fix_redis import RedisServer
from tests.support.proxy import Address
from tests.support.screen import Screen
from tests.support.waiting import until

TENANTS = {
    "north": ["anna", "boris", "vera"],
    "south": ["grace", "henry", "ines"],
    "west": ["walter", "lu", "otto"],
}
PEOPLE = [person for people in TENANTS.values() for person in people]
ACTIONS = ["send", "send", "send", "send", "edit", "delete", "read", "join", "leave", "pin", "archive", "pry"]
FAULTS = ["cut client", "delay client", "double client", "move", "second tab", "cut redis", "delay redis", "heal redis"]

Found = TypeVar("Found")
# What, who, a number to choose with, and whether it happens at once with the one before.
Step = tuple[str, int, int, bool]


class Town:
    """Two processes that live through all stories, each behind a cable of its own to Redis."""

    def __init__(self, nodes: list[Node], cables: list[Address]) -> None:
        self.nodes = nodes
        self.cables = cables
        self.stories = itertools.count(1)

    @classmethod
    async def build(cls, open_node: OpenNode, redis: RedisServer) -> "Town":
        """Start the processes."""
        cables = [Address(redis.port), Address(redis.port)]
        for cable in cables:
            await cable.start()
        nodes = [await open_node(f"redis://127.0.0.1:{cable.port}/0") for cable in cables]
        return cls(nodes, cables)

    async def close(self) -> None:
        """Stop them."""
        for node in self.nodes:
            await node.close()
        for cable in self.cables:
            await cable.close()


class Story:
    """People, their dialogs and their screens; what they did is noted as far as it was acknowledged."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.number = next(town.stories)
        self.screens: list[Screen] = []
        self.addresses: list[Address] = []
        self.dialogs: dict[str, list[str]] = {}
        self.sent: list[tuple[str, str, str]] = []  # who, dialog, message
        self.deleted: set[str] = set()
        self._texts = itertools.count(1)

    async def begin(self) -> None:
        """Two dialogs of each tenant, in one of which somebody is not yet; everybody connects."""
        for tenant, people in TENANTS.items():
            names = [self._name(person) for person in people]
            scopes = [{"scope_level0": [tenant]}]
            host = self.town.nodes[0].host
            self.dialogs[tenant] = [await make_dialog(host, names[: 3 - n], scopes=scopes) for n in range(2)]
        await asyncio.gather(*(self.connect(number) for number in range(len(PEOPLE))))

    async def connect(self, number: int, node: int = 0) -> None:
        """Open a screen of a person, through an address of its own."""
        tenant = tenant_of(number)
        address = Address(self.town.nodes[(number + node) % 2].port)
        await address.start()
        screen = Screen(address.base_url, self._name(PEOPLE[number]), {"scope_level0": [tenant]})
        self.addresses.append(address)
        self.screens.append(screen)
        await screen.start()

    def _name(self, person: str) -> str:
        return f"{person}-{self.number}"

    async def play(self, plan: list[Step]) -> None:
        """Do the steps, those that go together at once."""
        acts: dict[str, Callable[[int, int], Coroutine[Any, Any, None]]] = {
            "send": self.send, "edit": self.edit, "delete": self.delete, "read": self.read, "join": self.join,
            "leave": self.leave, "pin": self.pin, "archive": self.archive, "pry": self.pry, "move": self.move,
            "cut client": self.cut_client, "delay client": self.delay_client, "double client": self.double_client,
            "second tab": self.second_tab, "cut redis": self.cut_redis, "delay redis": self.delay_redis,
            "heal redis": self.heal_redis,
        }  # fmt: skip
        together: list[Coroutine[Any, Any, None]] = []
        for what, who, pick, at_once in plan:
            if not at_once:
                await asyncio.gather(*together)
                together = []
            together.append(acts[what](who, pick))
        await asyncio.gather(*together)

    # What people do.

    def _api(self, who: int) -> ChatApi:
        return self.screens[who].api

    def _dialog(self, who: int, pick: int) -> str:
        return self.dialogs[tenant_of(who)][pick % 2]

    async def send(self, who: int, pick: int) -> None:
        dialog_id = self._dialog(who, pick)
        message = await allowed(self._api(who).send(dialog_id, f"<p>{next(self._texts)}</p>"))
        if message is not None:
            self.sent.append((self.screens[who].name, dialog_id, message["id"]))

    def _own(self, who: int, pick: int) -> tuple[str, str] | None:
        mine = [(dialog, message) for name, dialog, message in self.sent if name == self.screens[who].name]
        return mine[pick % len(mine)] if mine else None

    async def edit(self, who: int, pick: int) -> None:
        if (own := self._own(who, pick)) is not None:
            await allowed(self._api(who).edit(*own, f"<p>edited {next(self._texts)}</p>"))

    async def delete(self, who: int, pick: int) -> None:
        if (own := self._own(who, pick)) is not None:
            self.deleted.add(own[1])
            await allowed(self._api(who).delete(*own))

    async def read(self, who: int, pick: int) -> None:
        known = [(dialog, message) for _, dialog, message in self.sent if dialog == self._dialog(who, pick)]
        if known:
            await allowed(self.screens[who].live.read(*known[pick % len(known)]))

    async def join(self, who: int, pick: int) -> None:
        await allowed(self._api(who).join(self._dialog(who, pick), PEOPLE[who].capitalize(), tenant_of(who)))

    async def leave(self, who: int, pick: int) -> None:
        # Not all at once, or nobody is there to write.
        if pick < 40:
            await allowed(self._api(who).leave(self._dialog(who, pick)))

    async def pin(self, who: int, pick: int) -> None:
        await allowed(self._api(who).pin(self._dialog(who, pick), pick % 3 > 0))

    async def archive(self, who: int, pick: int) -> None:
        await allowed(self._api(who).archive(self._dialog(who, pick), pick % 3 > 0))

    async def pry(self, who: int, pick: int) -> None:
        """P1: a dialog of another tenant cannot be read, joined or written to."""
        foreign = self._dialog((who + 3) % len(PEOPLE), pick)
        api = self._api(who)
        for attempt in (api.messages(foreign), api.join(foreign, "Somebody", ""), api.send(foreign, "<p>hello</p>")):
            with pytest.raises((RefusedError, UnreachableError)):
                await attempt

    # What the network does.

    async def cut_client(self, who: int, pick: int) -> None:
        self.addresses[who].break_off()

    async def delay_client(self, who: int, pick: int) -> None:
        delay(self.addresses[who], pick)

    async def double_client(self, who: int, pick: int) -> None:
        self.addresses[who].doubles = not self.addresses[who].doubles
        self.addresses[who].break_off()

    async def move(self, who: int, pick: int) -> None:
        nodes = self.town.nodes
        self.addresses[who].target = nodes[self.addresses[who].target == nodes[0].port].port
        self.addresses[who].break_off()

    async def second_tab(self, who: int, pick: int) -> None:
        if len(self.screens) < len(PEOPLE) + 3:
            await self.connect(who, node=1)

    async def cut_redis(self, who: int, pick: int) -> None:
        self.town.cables[pick % 2].cut()

    async def delay_redis(self, who: int, pick: int) -> None:
        delay(self.town.cables[pick % 2], pick)

    async def heal_redis(self, who: int, pick: int) -> None:
        self.town.cables[pick % 2].heal()

    # How it ends.

    async def heal(self) -> None:
        """Let everything through again."""
        for proxy in [*self.addresses, *self.town.cables]:
            proxy.doubles = False
            proxy.release()
            proxy.heal()
        await until(lambda: all(node.services.bus.is_up for node in self.town.nodes), 60)

    async def close(self) -> None:
        """Hang up."""
        await asyncio.gather(*(screen.close() for screen in self.screens))
        await asyncio.gather(*(address.close() for address in self.addresses))


def tenant_of(number: int) -> str:
    """The tenant of a person."""
    return list(TENANTS)[number // 3]


def delay(proxy: Address, pick: int) -> None:
    """Hold everything back for up to 0.3 s."""
    proxy.hold()
    asyncio.get_running_loop().call_later(pick / 330, proxy.release)


async def allowed(call: Coroutine[Any, Any, Found]) -> Found | None:
    """Await what may be refused, since others act at the same time; the service itself must never fail."""
    try:
        return await call
    except RefusedError as error:
        if error.status in (400, 403, 404):
            return None
        raise
    except UnreachableError:
        return None
