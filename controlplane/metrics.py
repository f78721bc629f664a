"""What this control plane counts and measures, in a registry of its own. docs/metrics-controlplane.md explains each."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PREFIX = "fogline_controlplane"


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            f"{_PREFIX}_requests_total", "Answered requests", ["method", "status"], registry=self.registry
        )
        self.changes = Histogram(
            f"{_PREFIX}_change_seconds", "Duration of a change with its placement", registry=self.registry
        )
        self.assignments = Counter(
            f"{_PREFIX}_assignment_changes_total", "New generations given to nodes", registry=self.registry
        )
        self.reports = Counter(f"{_PREFIX}_reports_total", "Status reports taken in", registry=self.registry)
        self.unplaced = Gauge(
            f"{_PREFIX}_unplaced_shares", "Tiers that lack a node, over all deployments", registry=self.registry
        )
        self.artifact_bytes = Counter(
            f"{_PREFIX}_artifact_received_bytes_total", "Bytes of artifacts received", registry=self.registry
        )
        self.watch_streams = Gauge(
            f"{_PREFIX}_watch_streams", "Watch streams that are open now", registry=self.registry
        )
        self.nodes = Gauge(f"{_PREFIX}_nodes", "Nodes by state", ["state"], registry=self.registry)

    def watch(self, streams: Callable[[], float]) -> None:
        self.watch_streams.set_function(streams)

    def text(self) -> bytes:
        return generate_latest(self.registry)


class CountRequests:
    """Counts answers by method and status; a stream counts when it begins."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._requests = metrics.requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._requests.labels(scope["method"], str(message["status"])).inc()
            await send(message)

        await self._app(scope, receive, counted)
