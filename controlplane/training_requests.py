"""Training requests as they are put: checked, numbered, and given the streams that were announced a moment before."""

from http import HTTPStatus

from msgspec.structs import replace
from sqlmodel import Session

from controlplane import announced, starts
from controlplane.clock import Times
from controlplane.numbers import least_free
from controlplane.patience import report_intervals, require_patience
from controlplane.problems import RefusedError
from controlplane.store import clusters, configurations, events, nodes, requests, streams
from controlplane.store.events import Happened
from controlplane.store.requests import StoredRequest
from shared.documents import Task, TrainingRequest
from shared.errors import DocumentError


def put(session: Session, wanted: TrainingRequest, before: StoredRequest | None, times: Times) -> TrainingRequest:
    """As it is stored: its number pinned. Raises DocumentError, or RefusedError for a number that is taken."""
    _check(session, wanted)
    if before is None or before.request.stale_after_s != wanted.stale_after_s:
        require_patience(wanted.stale_after_s, report_intervals(nodes.everyone(session), [wanted.selector]))
    request = replace(wanted, number=_number(session, wanted, before))
    if before is not None and request == before.request:
        return request
    is_elsewhere = before is None or _place(request) != _place(before.request)
    waits_since = times.wall if before is None or is_elsewhere else before.waits_since
    requests.put(session, request, waits_since=waits_since, now=times.wall)
    happened = Happened("training_request_put", f"training-request/{request.name}", {"number": request.number})
    events.add(session, [happened], now=times.wall)
    if is_elsewhere:
        _start_recent(session, request.name, times)
    return request


def _check(session: Session, wanted: TrainingRequest) -> None:
    if configurations.find(session, wanted.configuration) is None:
        name = wanted.configuration
        raise DocumentError(f"no configuration {name}: PUT /v1/configurations/{name} first", field="configuration")
    if clusters.find(session, wanted.cluster) is None:
        raise DocumentError(f"no cluster {wanted.cluster}: PUT /v1/clusters/{wanted.cluster} first", field="cluster")
    if wanted.start_from is not None and starts.starting_point(session, wanted.start_from) is None:
        version = f"{wanted.start_from.model}/{wanted.start_from.version}"
        raise DocumentError(f"no run left weights of {version}: name a version that was trained", field="start_from")
    _check_labels(wanted)


def _check_labels(wanted: TrainingRequest) -> None:
    """As far as the request itself says; what the network says is known where it is trained."""
    is_counted = wanted.task is Task.CLASSIFICATION and wanted.classes is not None
    if is_counted and wanted.labels and len(wanted.labels) != wanted.classes:
        raise DocumentError(
            f"{len(wanted.labels)} names for {wanted.classes} classes: name each of them or none", field="labels"
        )


def _number(session: Session, wanted: TrainingRequest, before: StoredRequest | None) -> int:
    if wanted.number is None:
        pinned = before.request.number if before else None
        return pinned or least_free(requests.numbers(session))
    owner = requests.numbered(session, wanted.number)
    if owner is not None and owner.request.name != wanted.name:
        raise RefusedError(
            HTTPStatus.CONFLICT,
            f"{wanted.number} is the number of training request {owner.request.name}: leave it out, or name another",
            field="number",
        )
    return wanted.number


def _place(request: TrainingRequest) -> tuple[int | None, str, str]:
    """Where its streams are announced."""
    return request.number, request.cluster, request.control_topic


def _start_recent(session: Session, name: str, times: Times) -> None:
    """What was announced a moment before there was anybody to wait for it."""
    stored = requests.find(session, name)
    if stored is None:
        return
    for stream in streams.on_cluster(session, stored.request.cluster):
        reason = announced.mismatch(
            stored.request,
            cluster=stream.cluster,
            control_topic=stream.control_topic,
            announced_at=stream.announced_at,
            waits_since=stored.waits_since,
        )
        if stream.number == stored.request.number and not reason:
            starts.start_once(session, stored, stream, times)
