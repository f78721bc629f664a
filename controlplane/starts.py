"""Runs that begin: a stream, a request, and each network of its configuration."""

from collections.abc import Iterable
from http import HTTPStatus

from sqlmodel import Session

from controlplane.announced import keeping
from controlplane.clock import Times
from controlplane.problems import RefusedError
from controlplane.runs import Run
from controlplane.store import configurations, events, models, networks, runs, streams
from controlplane.store.events import Happened
from controlplane.store.requests import StoredRequest
from controlplane.store.streams import StoredStream
from shared.documents import NetworkSource, TrainingRequest, VersionName
from shared.documents.training_workloads import StartingPoint


def start(session: Session, request: TrainingRequest, stream: StoredStream, times: Times) -> list[Run]:
    """A new run for each network, whatever ran before."""
    return _start(session, request, stream, _networks(session, request), times)


def start_once(session: Session, stored: StoredRequest, stream: StoredStream, times: Times) -> list[Run]:
    """A run for each network that this request never trained on this stream. One of the same name that was removed
    is another request."""
    trained = {
        run.network.name
        for run in runs.of_stream(session, stream.id)
        if run.request.name == stored.request.name and run.created_at >= stored.created_at
    }
    left = [network for network in _networks(session, stored.request) if network.name not in trained]
    return _start(session, stored.request, stream, left, times)


def refuse_expired(session: Session, stream: StoredStream) -> None:
    """Raise RefusedError that says what Kafka is known to hold no longer."""
    expired = keeping(stream.announcement, streams.looks(session, stream.cluster), seen_at=stream.seen_at).expired
    if expired:
        reason = f"stream {stream.id} is not whole any more: {expired}; send it again"
        raise RefusedError(HTTPStatus.CONFLICT, reason, field="stream")


def starting_point(session: Session, version: VersionName) -> StartingPoint | None:
    """None where there is no such version, or its run left no weights."""
    weights = models.weights(session, version.model, version.version)
    return StartingPoint(model=version.model, version=version.version, weights=weights) if weights else None


def _start(
    session: Session, request: TrainingRequest, stream: StoredStream, those: Iterable[NetworkSource], times: Times
) -> list[Run]:
    begun = [
        runs.add(
            session,
            Run(
                id=0,
                request=request,
                network=network,
                stream=stream.id,
                announcement=stream.announcement,
                announced_ms=round(stream.announced_at * 1000),
                start_from=starting_point(session, request.start_from) if request.start_from else None,
                began=times.steady,
                created_at=times.wall,
            ),
        )
        for network in those
    ]
    events.add(session, [_started(run) for run in begun], now=times.wall)
    return begun


def _networks(session: Session, request: TrainingRequest) -> list[NetworkSource]:
    configuration = configurations.find(session, request.configuration)
    found = (networks.find(session, name) for name in (configuration.networks if configuration else ()))
    return [network for network in found if network is not None]


def _started(run: Run) -> Happened:
    detail = {"request": run.request.name, "network": run.network.name, "stream": run.stream}
    return Happened("run_started", f"run/{run.id}", detail)
