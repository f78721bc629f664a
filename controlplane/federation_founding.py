"""A federation as it is put: checked, and given the next edition of its name."""

from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from http import HTTPStatus

from sqlmodel import Session

from controlplane import starts
from controlplane.clock import Times
from controlplane.federations import Federated
from controlplane.patience import report_intervals, require_patience
from controlplane.problems import RefusedError
from controlplane.store import clusters, events, federations, networks, nodes
from controlplane.store.events import Happened
from shared.documents import NetworkSource, Task
from shared.documents.federation import Federation
from shared.documents.federation_workloads import FederationState
from shared.documents.training_workloads import StartingPoint
from shared.errors import DocumentError


def put(
    session: Session, wanted: Federation, before: Federated | None, times: Times, new_secret: Callable[[], str]
) -> bool:
    """Whether an edition begins. The same document again begins none, unless the one before failed or was cancelled.

    Raises DocumentError that names the field, and RefusedError while another document of this name is under way.
    """
    if before is not None and not _begins(wanted, before):
        return False
    network = _check(session, wanted)
    edition = federations.next_edition(session, wanted.name)
    one = Federated(
        wanted=wanted,
        edition=edition,
        network=network,
        start_from=_start(session, wanted),
        noise_key=noise_key(new_secret()) if wanted.privacy is not None else "",
        created_at=times.wall,
    )
    federations.begin(session, one)
    happened = Happened("federation_put", f"federation/{wanted.name}", {"edition": edition})
    events.add(session, [happened], now=times.wall)
    return True


def noise_key(secret: str) -> str:
    """Base64 of 32 bytes that are as hard to guess as `secret`."""
    return b64encode(sha256(secret.encode()).digest()).decode()


def _begins(wanted: Federation, before: Federated) -> bool:
    if before.wanted == wanted:
        return before.end in (FederationState.FAILED, FederationState.CANCELLED)
    if not before.is_over:
        raise RefusedError(
            HTTPStatus.CONFLICT,
            f"federation {wanted.name} is under way with another document: cancel it and wait for its end, delete it, "
            "or give this one another name",
        )
    return True


def _check(session: Session, wanted: Federation) -> NetworkSource:
    network = networks.find(session, wanted.network)
    if network is None:
        raise DocumentError(f"no network {wanted.network}: PUT /v1/networks/{wanted.network} first", field="network")
    if clusters.find(session, wanted.cluster) is None:
        raise DocumentError(f"no cluster {wanted.cluster}: PUT /v1/clusters/{wanted.cluster} first", field="cluster")
    everyone = nodes.everyone(session)
    there = {node.name for node in everyone}
    for index, name in enumerate(wanted.participants.nodes):
        if name not in there:
            raise DocumentError(f"no node {name}: enrol it first", field=f"participants.nodes[{index}]")
    _check_rounds(wanted)
    _check_labels(wanted)
    require_patience(wanted.stale_after_s, report_intervals(everyone, [wanted.coordinator]))
    return network


def _check_rounds(wanted: Federation) -> None:
    """A participant has one place in a round: what asks for more than there are would never end."""
    most = len(wanted.participants.nodes)
    if not most:
        return
    if wanted.rounds.quorum > most:
        raise DocumentError(f"only {most} nodes may take part: no round would ever end", field="rounds.quorum")
    if wanted.rounds.updates > most and wanted.rounds.deadline_s is None:
        raise DocumentError(
            f"only {most} nodes may take part: no round would ever end; ask for fewer, or set `rounds.deadline_s`",
            field="rounds.updates",
        )


def _check_labels(wanted: Federation) -> None:
    is_counted = wanted.task is Task.CLASSIFICATION and wanted.classes is not None
    if is_counted and wanted.labels and len(wanted.labels) != wanted.classes:
        raise DocumentError(
            f"{len(wanted.labels)} names for {wanted.classes} classes: name each of them or none", field="labels"
        )


def _start(session: Session, wanted: Federation) -> StartingPoint | None:
    if wanted.start_from is None:
        return None
    point = starts.starting_point(session, wanted.start_from)
    if point is None:
        version = f"{wanted.start_from.model}/{wanted.start_from.version}"
        raise DocumentError(
            f"nothing left weights of {version}: name a version that was trained, by a run or by a federation",
            field="start_from",
        )
    return point
