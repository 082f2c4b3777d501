"""The limits: the least a Tornado process and a PostgreSQL can do of the same work, measured in the same run.

`python -m bench.bare PORT [PING_SECS]` serves: `/get` (a small JSON), POST anywhere (echoes a small JSON and writes a
frame to every socket that was opened with this path as its query), `/ws?<path>`.
"""

import asyncio
import sys
import time

import psycopg
import uvloop
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

_rooms: dict[str, list["Socket"]] = {}


class Get(RequestHandler):
    """The smallest answer."""

    def get(self) -> None:
        self.set_header("Content-Type", "application/json")
        self.finish(b'{"data":[]}')


class Post(RequestHandler):
    """Takes a message, hands it to the sockets of the path, answers."""

    def post(self) -> None:
        frame = b'{"type":"message.new","content":' + self.request.body + b"}"
        for socket in _rooms.get(self.request.path, []):
            socket.write_message(frame)
        self.finish(b'{"data":{}}')


class Socket(WebSocketHandler):
    """A socket in the room its query names."""

    def open(self) -> None:
        self.write_message(b'{"type":"connected"}')
        _rooms.setdefault(self.request.query, []).append(self)

    def on_close(self) -> None:
        _rooms[self.request.query].remove(self)


async def serve(port: int, ping_secs: float | None) -> None:
    """Serve until the process is ended."""
    routes = [("/get", Get), ("/ws", Socket), (".*", Post)]
    app = Application(routes, log_function=lambda handler: None, websocket_ping_interval=ping_secs)
    app.listen(port, "127.0.0.1")
    await asyncio.Event().wait()


async def commits_per_sec(database_url: str, connections: int, seconds: float) -> float:
    """Return how many single-row inserts this many connections commit in a second."""
    done = 0

    async def insert(until: float) -> None:
        nonlocal done
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            connection.prepare_threshold = 1
            while time.perf_counter() < until:
                await connection.execute("INSERT INTO bench_commits VALUES (1)")
                done += 1

    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as admin:
        await admin.execute("CREATE TABLE IF NOT EXISTS bench_commits (n integer)")
        began = time.perf_counter()
        await asyncio.gather(*(insert(began + seconds) for _ in range(connections)))
        took = time.perf_counter() - began
        await admin.execute("DROP TABLE bench_commits")
    return done / took


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else None))
