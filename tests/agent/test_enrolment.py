from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.backoff import Backoff
from agent.clock import Clock
from agent.control_plane import ControlPlane
from agent.enrolment import Enroller
from agent.presence import Presence
from agent.state_store import StateStore
from shared.documents import Enrolment
from shared.errors import ControlPlaneError
from tests.agent.pretend import CREDENTIAL, TOKEN, PretendControlPlane, pretend_control_plane

ENROLMENT = Enrolment(name="node-1")


@pytest.fixture
async def server() -> AsyncIterator[PretendControlPlane]:
    async with pretend_control_plane() as made:
        yield made


@pytest.fixture
def enroller(server: PretendControlPlane, tmp_path: Path) -> Enroller:
    return Enroller(
        control_plane=ControlPlane(server.url, tls=None),
        store=StateStore(tmp_path),
        presence=Presence(Clock()),
        retry=Backoff(first_s=0.01, cap_s=0.01),
    )


async def test_the_credential_is_kept(enroller: Enroller, tmp_path: Path) -> None:
    credential = await enroller.enrol(TOKEN, ENROLMENT)
    assert credential.credential == CREDENTIAL
    assert StateStore(tmp_path).restore().credential == credential


async def test_a_control_plane_that_is_not_up_yet_is_waited_for(
    enroller: Enroller, server: PretendControlPlane
) -> None:
    server.refusal = 503
    server.relents_after = 3
    assert (await enroller.enrol(TOKEN, ENROLMENT)).credential == CREDENTIAL


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "ask an operator for a new"), (409, "choose another --name"), (400, "check")]
)
async def test_a_refusal_says_what_to_do(
    enroller: Enroller, server: PretendControlPlane, status: int, remedy: str
) -> None:
    server.refusal = status
    with pytest.raises(ControlPlaneError, match=f"cannot enrol: told to refuse; .*{remedy}"):
        await enroller.enrol(TOKEN, ENROLMENT)
