"""Whether the process lives, whether it can serve, and its figures. Never counted against a caller's limit."""

from typing import Any, Final

from handlers.base import ApiHandler
from handlers.identity import open_to_all
from handlers.operation import Bare, Text, operation
from mtchat.core.health import database_answers, running_version
from mtchat.core.schemas.health import HealthOut, ReadyOut
from mtchat.storage.base import storage_works

# As long as the database may take: whoever asks gives up after about as many.
STORAGE_PATIENCE_SECS: Final = 3.0
METRICS_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"


class HealthHandler(ApiHandler):
    """Liveness: the process answers."""

    rate_limited = False

    @open_to_all
    @operation("Is the process alive", answer=Bare(HealthOut), tags=("operations",))
    async def get(self) -> None:
        self.answer_bare({"status": "ok", "version": running_version()})


class ReadyHandler(ApiHandler):
    """Readiness: what a request needs is there."""

    rate_limited = False

    @open_to_all
    @operation(
        "Can the process serve",
        description="503 and `not_ready` when the database does not answer. Optional parts are only reported.",
        answer=Bare(ReadyOut),
        also={503: Bare(ReadyOut)},
        tags=("operations",),
    )
    async def get(self) -> None:
        ready = await database_answers(self.services)
        body: dict[str, Any] = {"status": "ready" if ready else "not_ready"}
        body["details"] = {"database": "ok" if ready else "not answering", **await self._optional_parts()}
        self.answer_bare(body, 200 if ready else 503)

    async def _optional_parts(self) -> dict[str, str]:
        settings = self.services.settings
        return {
            "redis": ("ok" if self.services.bus.is_up else "not answering") if settings.realtime.redis_url else "off",
            "storage": "ok" if await storage_works(self.services.storage, STORAGE_PATIENCE_SECS) else "not answering",
            "webhooks": "on" if settings.webhooks.url and settings.webhooks.secret else "off",
        }


class MetricsHandler(ApiHandler):
    """The figures of this process for Prometheus."""

    rate_limited = False

    @open_to_all
    @operation("Figures for Prometheus", answer=Text("text/plain"), tags=("operations",))
    async def get(self) -> None:
        self.answer_text(self.application.metrics.exposition(), METRICS_TYPE)


ROUTES = [
    ("/health", HealthHandler),
    ("/health/ready", ReadyHandler),
    ("/metrics", MetricsHandler),
]
