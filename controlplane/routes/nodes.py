"""Nodes, for the operator."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.responses import Response

from controlplane.auth import operator_only
from controlplane.documents_in_http import Answer, Items, body, described
from controlplane.plane import ControlPlane
from controlplane.routes.parameters import PathName, Plane, found
from controlplane.store import events, nodes, tokens
from controlplane.store.events import Happened
from controlplane.store.nodes import StoredNode
from controlplane.views import node_view
from shared.documents import LabelsUpdate, NodeView

router = APIRouter(prefix="/v1/nodes", tags=["nodes"], dependencies=[Depends(operator_only)])


@router.get("", **described(gives={200: Items[NodeView]}))
async def list_nodes(plane: Plane) -> Answer:
    """Every node, by name."""
    stored = await plane.database.run(nodes.everyone)
    return Answer(Items[NodeView](items=tuple(_view(plane, node) for node in stored)))


@router.get("/{name}", **described(gives={200: NodeView}))
async def get_node(plane: Plane, name: PathName) -> Answer:
    """One node, with what it has and what it runs."""
    stored = await plane.database.run(lambda session: nodes.find(session, name))
    return Answer(_view(plane, found(stored, f"node {name}")))


@router.put("/{name}/labels", **described(takes=LabelsUpdate, gives={200: NodeView}))
async def label_node(plane: Plane, name: PathName, wanted: Annotated[LabelsUpdate, body(LabelsUpdate)]) -> Answer:
    """Give a node exactly these labels; placements follow at once."""
    labels = dict(wanted.labels)
    happened = Happened("node_labelled", f"node/{name}", {"labels": labels})
    return await _change(plane, name, happened, lambda session, _: nodes.set_labels(session, name, labels))


@router.post("/{name}/drain", **described(gives={200: NodeView}))
async def drain_node(plane: Plane, name: PathName) -> Answer:
    """Take all work from a node and give it none."""
    happened = Happened("node_drained", f"node/{name}")
    return await _change(plane, name, happened, lambda session, _: nodes.set_draining(session, name, True))


@router.post("/{name}/undrain", **described(gives={200: NodeView}))
async def undrain_node(plane: Plane, name: PathName) -> Answer:
    """Let a node have work again."""
    happened = Happened("node_undrained", f"node/{name}")
    return await _change(plane, name, happened, lambda session, _: nodes.set_draining(session, name, False))


@router.post("/{name}/confirm-generation", **described(gives={200: NodeView}))
async def confirm_generation(plane: Plane, name: PathName) -> Answer:
    """Accept that this control plane goes on above the highest generation the node has seen."""

    def confirm(session: Session, node: StoredNode) -> None:
        if node.needs_confirmation:
            nodes.go_on_from(session, name, max(node.generation, node.highest_generation))

    return await _change(plane, name, Happened("generation_confirmed", f"node/{name}"), confirm)


@router.delete("/{name}", **described(gives={204: None}))
async def remove_node(plane: Plane, name: PathName) -> Response:
    """Its credential dies, its workloads are placed anew."""
    happened = Happened("node_removed", f"node/{name}")

    def remove(session: Session, _: StoredNode) -> None:
        nodes.remove(session, name)
        tokens.forget(session, node=name)

    await _change(plane, name, happened, remove)
    plane.keyring.forget(name)
    plane.presence.forget(name)
    plane.board.take_down(name)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _change(
    plane: ControlPlane, name: str, happened: Happened, action: Callable[[Session, StoredNode], Any]
) -> Answer:
    """Do it, place anew, and show the node as it is then."""

    def act(session: Session) -> StoredNode:
        node = found(nodes.find(session, name), f"node {name}")
        action(session, node)
        events.add(session, [happened], now=plane.clock.wall())
        return node

    def view(session: Session, before: StoredNode) -> StoredNode:
        return nodes.find(session, name) or before

    return Answer(_view(plane, await plane.scheduler.change(act, view)))


def _view(plane: ControlPlane, node: StoredNode) -> NodeView:
    return node_view(node, plane.heard(node), plane.moment())
