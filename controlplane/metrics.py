"""What this control plane counts and measures, in a registry of its own. docs/metrics-controlplane.md explains each."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "fogline_controlplane_requests_total", "Answered requests", ["method", "status"], registry=self.registry
        )
        self.changes = Histogram(
            "fogline_controlplane_change_seconds", "Duration of a change with its placement", registry=self.registry
        )
        self.assignments = Counter(
            "fogline_controlplane_assignment_changes_total", "New generations given to nodes", registry=self.registry
        )
        self.reports = Counter("fogline_controlplane_reports_total", "Status reports taken in", registry=self.registry)
        self.unplaced = Gauge(
            "fogline_controlplane_unplaced_shares",
            "Tiers that lack a node, over all deployments",
            registry=self.registry,
        )
        self.artifact_bytes = Counter(
            "fogline_controlplane_artifact_received_bytes_total", "Bytes of artifacts received", registry=self.registry
        )
        self.watch_streams = Gauge(
            "fogline_controlplane_watch_streams", "Watch streams that are open now", registry=self.registry
        )
        self.nodes = Gauge("fogline_controlplane_nodes", "Nodes by state", ["state"], registry=self.registry)
        self.federations = Gauge(
            "fogline_controlplane_federations", "Federations by state", ["state"], registry=self.registry
        )

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
