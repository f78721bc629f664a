"""How a node gets in: an operator makes a token, the node uses it up."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session

from controlplane.auth import hashed, operator_only
from controlplane.clock import timestamp
from controlplane.documents_in_http import Answer, body, described
from controlplane.patience import hurry
from controlplane.plane import ControlPlane
from controlplane.problems import RefusedError
from controlplane.routes.parameters import Plane
from controlplane.store import events, nodes, tokens
from controlplane.store.events import Happened
from controlplane.watchers import Posting
from shared.documents import Enrolment, EnrolmentToken, EnrolmentTokenRequest, NodeCredential

router = APIRouter(tags=["enrolment"])
_log = logging.getLogger(__name__)


@router.post(
    "/v1/enrolment-tokens",
    dependencies=[Depends(operator_only)],
    **described(takes=EnrolmentTokenRequest, gives={201: EnrolmentToken}),
)
async def create_enrolment_token(
    plane: Plane, wanted: Annotated[EnrolmentTokenRequest, body(EnrolmentTokenRequest)]
) -> Answer:
    """Make a token that enrols one node, once."""
    token = plane.new_secret()
    expires_at = plane.steady.now() + wanted.expires_after_s
    shown = timestamp(plane.clock.wall() + wanted.expires_after_s)

    def store(session: Session) -> None:
        tokens.add(session, hashed(token), labels=dict(wanted.labels), expires_at=expires_at)

    await plane.database.run(store)
    return Answer(EnrolmentToken(token=token, expires_at=shown), HTTPStatus.CREATED)


@router.post("/v1/nodes", **described(takes=Enrolment, gives={201: NodeCredential}))
async def enrol_node(plane: Plane, request: Request, enrolment: Annotated[Enrolment, body(Enrolment)]) -> Answer:
    """Use a token up and become a node. The bearer is the token; the answer holds the node's own credential.

    Should that answer be lost, the same token and name get another credential in place of the first, for as long as
    the first was never used and the token has not expired.
    """
    credential, name, now = plane.new_secret(), enrolment.name, plane.clock.wall()
    token_sha256 = request.scope["credential_sha256"]

    def store(session: Session) -> bool:
        is_again = tokens.has_made(session, token_sha256, node=name, now=plane.steady.now())
        if not (is_again and nodes.is_unheard(session, name)):
            is_again = False
            _add(session, enrolment, tokens.use(session, token_sha256, by=name, now=plane.steady.now()), now)
        nodes.replace_credential(session, hashed(credential), name)
        return is_again

    is_again = await plane.database.run(store)
    # Nothing is awaited from here on: the last credential stored must be the last one put on the ring.
    if is_again:
        plane.keyring.forget(name)
    else:
        _welcome(plane, name)
    plane.keyring.add(hashed(credential), name, is_unused=True)
    if reason := hurry(plane.settings.stale_after_s, {name: enrolment.facts.report_interval_s}):
        _log.warning("--stale-after-s: %s", reason)
    _log.info("node %s enrolled%s", name, " again: its first credential was never used" if is_again else "")
    return Answer(NodeCredential(name=name, credential=credential), HTTPStatus.CREATED)


def _welcome(plane: ControlPlane, name: str) -> None:
    plane.presence.enrolled(name)
    plane.board.post([Posting(node=name, generation=0, revisions=())], {})
    plane.bell.ring()
    plane.scheduler.wake()


def _add(session: Session, enrolment: Enrolment, forced: Mapping[str, str] | None, now: float) -> None:
    if forced is None:
        raise RefusedError(
            HTTPStatus.UNAUTHORIZED,
            "the enrolment token is unknown, used or expired: ask an operator for another",
            headers={"WWW-Authenticate": "Bearer"},
        )
    labels = {**enrolment.labels, **forced}
    if not nodes.add(session, enrolment.name, labels=labels, facts=enrolment.facts, now=now):
        raise RefusedError(
            HTTPStatus.CONFLICT,
            f"there is a node {enrolment.name}: choose another name, or remove that node first",
            field="name",
        )
    events.add(session, [Happened("node_enrolled", f"node/{enrolment.name}", {"labels": labels})], now=now)
