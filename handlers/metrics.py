"""Counts requests for Prometheus. Labels are route templates, methods and statuses: never an id, never a caller."""

from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest

# Half a millisecond to the request timeout: what this server is expected to need and what it is not.
_BUCKETS_SECS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
_KNOWN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Key = tuple[str, str, int]


class HttpMetrics:
    """The figures of one application; those of the process and its other parts are in prometheus_client's registry."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "mtchat_http_requests", "Finished requests", ["route", "method", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "mtchat_http_request_seconds",
            "Time from the first byte of a request to its answer",
            ["route"],
            buckets=_BUCKETS_SECS,
            registry=self.registry,
        )
        # Looking up a labelled child takes a lock and a few microseconds; there are some hundred of them in all.
        self._children: dict[Key, tuple[Counter, Histogram]] = {}

    def observe(self, template: str, method: str, status: int, secs: float) -> None:
        """Count one request; addresses that do not exist are one route, methods that do not exist one method."""
        key = (template, method, status)
        children = self._children.get(key)
        if children is None:
            named = method if method in _KNOWN_METHODS else "other"
            route = template or "unknown"
            children = self._requests.labels(route, named, str(status)), self._seconds.labels(route)
            if named == method:
                self._children[key] = children
        children[0].inc()
        children[1].observe(secs)

    def exposition(self) -> bytes:
        """Return all figures in Prometheus' text format."""
        return generate_latest(self.registry) + generate_latest(REGISTRY)
