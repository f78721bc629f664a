"""What nodes say of themselves."""

from typing import Annotated

from fastapi import APIRouter, Depends

from controlplane import generations
from controlplane.auth import node_itself
from controlplane.documents_in_http import Answer, body, described
from controlplane.routes.parameters import PathName, Plane, found, same_name
from shared.documents import NodeReport, ReportAcknowledged

router = APIRouter(prefix="/v1/nodes", tags=["reports"], dependencies=[Depends(node_itself)])


@router.post("/{name}/reports", **described(takes=NodeReport, gives={200: ReportAcknowledged}))
async def take_report(plane: Plane, name: PathName, said: Annotated[NodeReport, body(NodeReport)]) -> Answer:
    """Take in everything the node runs now; acknowledged once it is stored, and harmless when sent again."""
    same_name(said.node, name)
    taken = found(await plane.inbox.take(said), f"node {name}")
    generations.show(plane.board, name, said.highest_generation, taken.standing)
    plane.metrics.reports.inc()
    is_first = not plane.presence.has_contacted(name)
    plane.presence.heard(name)
    if is_first or taken.is_news or plane.scheduler.is_rolling:
        plane.scheduler.wake()
    return Answer(ReportAcknowledged(sequence=said.sequence, generation=taken.generation))
