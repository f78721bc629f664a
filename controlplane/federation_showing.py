"""Federations as they stand now: what is stored, and what is heard of the nodes that have a part in them."""

from dataclasses import replace

from sqlmodel import Session

from controlplane.federation_demands import is_invited, owner, workload_id
from controlplane.federation_sites import Seen, sites
from controlplane.federation_views import federation_view, standing
from controlplane.federations import Federated
from controlplane.fleet import Node
from controlplane.plane import ControlPlane
from controlplane.store import federations, nodes, phases, placements
from controlplane.store.nodes import StoredNode
from controlplane.world import Placed
from shared.documents import WorkloadStatus
from shared.documents.federation_workloads import (
    COORDINATOR,
    PARTICIPANT,
    FederationState,
    FederationView,
    SiteView,
)


def shown(session: Session, plane: ControlPlane, one: Federated) -> FederationView:
    progress = federations.progress(session, one.name)
    seen = _seen(session, plane, one)
    there: tuple[SiteView, ...] = sites(one, seen, progress, now=plane.moment().now)
    return federation_view(one, progress, there, standing_now(session, plane, one))


def standing_now(session: Session, plane: ControlPlane, one: Federated) -> tuple[FederationState, str]:
    node = None if one.is_over or one.seated is None else nodes.find(session, one.seated)
    if node is None:
        return standing(one, None, is_silent=False)
    is_silent = plane.heard(node).silent_for_s > one.wanted.stale_after_s
    return standing(one, _status(node, workload_id(one, COORDINATOR)), is_silent=is_silent)


def states(session: Session, plane: ControlPlane) -> list[FederationState]:
    return [standing_now(session, plane, one)[0] for one in federations.everyone(session)]


def _seen(session: Session, plane: ControlPlane, one: Federated) -> list[Seen]:
    """Of the nodes that are invited."""
    id_ = workload_id(one, PARTICIPANT)
    since = phases.of_workloads(session, {id_})
    lying = placements.of_owner(session, owner(one.name, one.edition))
    shares = {share.node: share for share in lying if share.part == PARTICIPANT}
    invited = one.wanted.participants
    return [
        _see(plane, one, node, shares.get(node.name), since.get((node.name, id_)))
        for node in nodes.everyone(session)
        if is_invited(invited, node.name, node.labels)
    ]


def _see(plane: ControlPlane, one: Federated, node: StoredNode, share: Placed | None, since: float | None) -> Seen:
    heard, moment = plane.heard(node), plane.moment()
    return Seen(
        node=Node(
            name=node.name,
            labels=node.labels,
            facts=node.facts,
            draining=node.draining,
            takes_new=not node.needs_confirmation,
            silent_for_s=heard.silent_for_s,
        ),
        last_seen=heard.last_seen,
        status=_status(node, workload_id(one, PARTICIPANT)),
        share=share and replace(share, since=moment.past(share.since)),
        since=None if since is None else moment.past(since),
        is_stale=heard.silent_for_s > moment.stale_after_s,
    )


def _status(node: StoredNode, workload: str) -> WorkloadStatus | None:
    return next((one for one in node.decoded_statuses() if one.id == workload), None)
