"""What a node must run, for the node itself; an operator sees it without the secrets."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends

from controlplane.auth import Principal, node_itself_or_operator
from controlplane.documents_in_http import Answer, described
from controlplane.routes.parameters import PathName, Plane, found
from controlplane.secrets import mask_workload
from shared.documents import Assignment, InferenceWorkload, decode, encode
from shared.documents.federation_workloads import CoordinatorWorkload, ParticipantWorkload
from shared.documents.profile import ProfileWorkload
from shared.documents.training_workloads import AnnouncementsWorkload, TrainingWorkload

AnyWorkload = (
    InferenceWorkload
    | TrainingWorkload
    | AnnouncementsWorkload
    | ProfileWorkload
    | CoordinatorWorkload
    | ParticipantWorkload
)
router = APIRouter(prefix="/v1/nodes", tags=["assignments"])


@router.get("/{name}/assignment", **described(gives={200: Assignment}))
async def get_assignment(
    plane: Plane, name: PathName, principal: Annotated[Principal, Depends(node_itself_or_operator)]
) -> Answer:
    """The node's assignment as it stands."""
    posting = found(plane.board.posting(name), f"node {name}")
    document = decode(plane.board.assignment(posting), Assignment)
    return Answer(_masked(document) if principal.is_operator else document)


def _masked(document: Assignment) -> Assignment:
    workloads = (mask_workload(_workload(bytes(raw))) for raw in document.workloads)
    return msgspec.structs.replace(document, workloads=tuple(msgspec.Raw(encode(one)) for one in workloads))


def _workload(raw: bytes) -> AnyWorkload:
    kind: Any = AnyWorkload
    workload: AnyWorkload = decode(raw, kind)
    return workload
