"""Delivers webhooks: takes due lanes, posts what is at their heads, writes what became of it.

Any number of workers may run; a row is taken by one of them. A try may happen twice, when a worker dies between the
receiver's answer and the row: receivers know it by the id. Nothing here waits for one receiver on behalf of another.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import structlog

from mtchat.core.errors import Unavailable
from mtchat.core.health import running_version
from mtchat.core.notifications import announce_due
from mtchat.core.retries import next_delay_secs, verdict_of
from mtchat.core.services import Services
from mtchat.core.signatures import signed_headers
from mtchat.jobs import metrics
from mtchat.jobs.app import WEBHOOKS
from mtchat.jobs.bridge import Bridge
from mtchat.jobs.sending import Reply, Sender
from mtchat.persistence import deliveries as rows
from mtchat.persistence import webhooks as endpoints
from mtchat.persistence.batches import Batcher
from mtchat.persistence.deliveries import ClaimedLane, Recorded, Result, Waiting
from mtchat.persistence.pool import Connection
from mtchat.persistence.webhooks import BUILTIN_ID

log = structlog.get_logger(__name__)

# The safety net below the rings, and how soon a dead worker's lanes go on.
SWEEP_SECS: Final = 5.0
# Deliveries of one lane taken together; the next lane gets its turn after them.
_PER_LANE: Final = 16
# A worker goes on with a lane for this long. Then a try of at most 10 s, and three times that to write its result.
_DRAIN_SECS: Final = 15.0
_LEASE_SECS: Final = 60.0
# Finishing at a stop: one try, and its result.
FINISH_SECS: Final = 12.0
_DATABASE_AWAY_SECS: Final = 0.5
# A due lane that cannot be taken is locked by another worker, or a replay, at this moment.
_LOCKED_SECS: Final = 0.02
_ERROR_CHARS: Final = 500


class Deliverer:
    """One per worker. wake it by the bridge's bell `webhooks`."""

    def __init__(self, services: Services, bridge: Bridge, sender: Sender) -> None:
        self._services = services
        self._database = services.database
        self._settings = services.settings.webhooks
        self._bridge = bridge
        self._sender = sender
        self._busy: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._worker = 0
        self._results: Batcher[Result, Recorded] = Batcher(self._record_all, key=lambda _: "", writers=1)

    async def run(self) -> None:
        """Deliver until `stop`."""
        while not self._stopping:
            try:
                async with rows.worker_number(self._database) as (worker, connection):
                    self._worker = worker
                    await self._run_as(connection)
            except Unavailable:
                # The number is lost with the connection: others may take over our lanes, so we begin anew.
                await self._bridge.wait(WEBHOOKS, _DATABASE_AWAY_SECS)
            except Exception:
                log.exception("webhooks_failed")
                metrics.JOB_FAILURES.labels(WEBHOOKS).inc()
                await self._bridge.wait(WEBHOOKS, SWEEP_SECS)

    def stop(self) -> None:
        """Take no more lanes; finish the tries that are under way and give back the rest."""
        self._stopping = True
        self._bridge.wake(WEBHOOKS)

    async def run_until_idle(self) -> int:
        """Deliver what is due now and return the number of lanes worked on; for the command line."""
        count = 0
        async with rows.worker_number(self._database) as (worker, _):
            self._worker = worker
            await rows.release_lanes_of_dead_workers(self._database)
            while True:
                await announce_due(self._services)
                lanes = await self._take()
                count += len(lanes)
                if not lanes and not self._tasks:
                    return count
                if self._tasks:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _run_as(self, liveness: Connection) -> None:
        swept_at = float("-inf")
        try:
            while not self._stopping:
                if time.monotonic() - swept_at > SWEEP_SECS:
                    swept_at = time.monotonic()
                    await self._sweep(liveness)
                if not await self._take():
                    await self._bridge.wait(WEBHOOKS, await self._secs_to_wait())
        finally:
            await self._finish()

    async def _sweep(self, liveness: Connection) -> None:
        """See that our number is still ours, free the lanes of those who died, and see how late we are."""
        await self._database.fetch_value("ping", within=liveness)
        freed = await rows.release_lanes_of_dead_workers(self._database)
        if freed:
            metrics.LANES_TAKEN_OVER.inc(freed)
            log.info("lanes_taken_over", lanes=freed)
        secs = await rows.secs_until_due(self._database, has_builtin=self._settings.enabled, full_ids=[])
        metrics.OVERDUE_SECS.set(0.0 if secs is None else max(-secs, 0.0))

    async def _take(self) -> list[ClaimedLane]:
        await rows.enqueue(self._database)
        if self._stopping:
            return []
        lanes = await rows.claim_lanes(
            self._database,
            self._worker,
            +self._busy,
            most=self._settings.concurrency,
            most_per_lane=_PER_LANE,
            lease_secs=_LEASE_SECS,
            has_builtin=self._settings.enabled,
        )
        for lane in lanes:
            self._busy[lane.endpoint_id] += 1
            metrics.LANES_BUSY.inc()
            task = asyncio.create_task(self._work_on(lane))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return lanes

    async def _secs_to_wait(self) -> float:
        full = [endpoint for endpoint, number in self._busy.items() if number >= self._settings.concurrency]
        secs = await rows.secs_until_due(self._database, has_builtin=self._settings.enabled, full_ids=full)
        return SWEEP_SECS if secs is None else min(max(secs, _LOCKED_SECS), SWEEP_SECS)

    async def _work_on(self, lane: ClaimedLane) -> None:
        was_full = self._busy[lane.endpoint_id] >= self._settings.concurrency
        try:
            if lane.deliveries:
                await self._deliver_in_order(lane)
            else:
                await rows.settle_lane(self._database, self._worker, lane)
        except Unavailable:
            log.warning("lane_left", reason="the database does not answer; others go on with it after the lease")
        except Exception:
            log.exception("lane_failed", endpoint=lane.endpoint_id)
            metrics.JOB_FAILURES.labels(WEBHOOKS).inc()
        finally:
            self._busy[lane.endpoint_id] -= 1
            metrics.LANES_BUSY.dec()
            if was_full:
                self._bridge.wake(WEBHOOKS)

    async def _deliver_in_order(self, lane: ClaimedLane) -> None:
        until = time.monotonic() + _DRAIN_SECS
        failed_before = lane.attempts
        for index, delivery in enumerate(lane.deliveries):
            reply, result = await self._try(lane, delivery, failed_before)
            is_last = index == len(lane.deliveries) - 1
            ends = result.outcome == "retry" or is_last or self._stopping or time.monotonic() > until
            if reply.status == 410:
                ends = True
                if await endpoints.disable_gone_endpoint(self._database, lane.endpoint_id):
                    metrics.ENDPOINTS_GONE.inc()
                    log.warning("endpoint_disabled", endpoint=lane.endpoint_id, status=410)
            recorded = await self._record(result, keep=not ends)
            if recorded.waits:
                self._bridge.wake(WEBHOOKS)
            if ends or not recorded.is_ours:
                return
            failed_before = 0

    async def _try(self, lane: ClaimedLane, delivery: Waiting, failed_before: int) -> tuple[Reply, Result]:
        is_builtin = lane.endpoint_id == BUILTIN_ID
        url = self._settings.url if is_builtin else lane.url
        secret = self._settings.secret if is_builtin else lane.secret
        assert url is not None
        assert secret is not None
        at = datetime.now(UTC)
        body = delivery.body.encode()
        headers = signed_headers(delivery.id, delivery.event, body, secret, lane.previous_secret, int(at.timestamp()))
        headers["User-Agent"] = _USER_AGENT
        reply = await self._sender.post(
            lane.endpoint_id, url, headers, body, anywhere=is_builtin or self._settings.allow_private
        )
        verdict = verdict_of(reply.status)
        delay_secs = next_delay_secs(failed_before, reply.retry_after_secs) if verdict == "retry" else None
        outcome = "delivered" if verdict == "delivered" else "failed" if delay_secs is None else "retry"
        metrics.ATTEMPTS.labels(outcome).inc()
        metrics.ATTEMPT_SECONDS.observe(reply.duration_ms / 1000)
        if outcome == "failed":
            log.warning("delivery_failed", delivery=delivery.id, endpoint=lane.endpoint_id, status=reply.status)
        attempt = {
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "status": reply.status,
            "duration_ms": reply.duration_ms,
            "error": None if reply.error is None else reply.error[:_ERROR_CHARS],
            "answer": reply.answer,
        }
        return reply, Result(lane.id, delivery.no, outcome, delay_secs or 0.0, False, attempt)

    async def _record(self, result: Result, *, keep: bool) -> Recorded:
        """Write a result. A database that is away is waited for, well within the lease."""
        result = Result(result.lane_id, result.no, result.outcome, result.retry_secs, keep, result.attempt)
        until = time.monotonic() + _LEASE_SECS / 2
        while True:
            try:
                return await self._results.submit(result)
            except Unavailable:
                if time.monotonic() > until:
                    raise
                await asyncio.sleep(_DATABASE_AWAY_SECS)

    async def _record_all(self, results: Sequence[Result]) -> Sequence[Recorded]:
        return await rows.record_results(self._database, self._worker, results)

    async def _finish(self) -> None:
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=FINISH_SECS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await rows.release_lanes(self._database, self._worker)


_USER_AGENT: Final = f"MTChat/{running_version()}"
