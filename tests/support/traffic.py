"""People who send all the time, until told to stop; what was acknowledged, and what went wrong."""

import asyncio
import uuid
from collections.abc import Sequence

import httpx

from mtchat.client.errors import UnreachableError
from mtchat.client.rest import ChatApi

# Each sender rests this long after a message: what a test sends must not grow with the speed of the machine.
REST_SECS = 0.02


class Traffic:
    """Each sender sends to one dialog after another, through one address after another."""

    def __init__(
        self, base_urls: Sequence[str], people: Sequence[str], dialogs: Sequence[str], *, attempts: int = 1
    ) -> None:
        """attempts: how often a sender tries an address before it takes the next, with the same key."""
        self.base_urls = list(base_urls)
        self.acknowledged: dict[str, list[str]] = {dialog_id: [] for dialog_id in dialogs}
        self.failures: list[str] = []
        self._people = people
        self._attempts = attempts
        self._http = httpx.AsyncClient(timeout=20, limits=httpx.Limits(max_connections=200))
        self._stopping = False
        self._news = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def count(self) -> int:
        """How many sends were acknowledged."""
        return sum(map(len, self.acknowledged.values()))

    def start(self) -> "Traffic":
        """Begin to send."""
        self._tasks = [asyncio.create_task(self._send(number, person)) for number, person in enumerate(self._people)]
        return self

    async def reached(self, more: int) -> None:
        """Wait until so many more are acknowledged."""
        goal = self.count + more
        async with asyncio.timeout(60), self._news:
            await self._news.wait_for(lambda: self.count >= goal)

    async def stop(self) -> None:
        """Finish what is under way."""
        self._stopping = True
        await asyncio.gather(*self._tasks)
        await self._http.aclose()

    async def _send(self, number: int, person: str) -> None:
        turn = number
        while not self._stopping:
            turn += 1
            dialog_id = list(self.acknowledged)[turn % len(self.acknowledged)]
            key = str(uuid.uuid4())
            while (message_id := await self._try(turn, person, dialog_id, key)) is None:
                turn += 1
            self.acknowledged[dialog_id].append(message_id)
            async with self._news:
                self._news.notify_all()
            await asyncio.sleep(REST_SECS)

    async def _try(self, turn: int, person: str, dialog_id: str, key: str) -> str | None:
        url = self.base_urls[turn % len(self.base_urls)]
        api = ChatApi(url, user_id=person, attempts=self._attempts, http=self._http)
        try:
            return (await api.send(dialog_id, f"<p>{key}</p>", client_message_id=key))["id"]
        except UnreachableError as error:
            self.failures.append(str(error))
            return None
