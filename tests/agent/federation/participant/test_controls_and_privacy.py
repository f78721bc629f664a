"""Control variates would leave a site as they are: with privacy no site takes part in what asks for them."""

from pathlib import Path

import msgspec
import pytest

from agent.federation.participant.workload import Participant
from shared.documents import Cluster
from shared.documents.federation import NoiseAt, Privacy, StrategyChoice
from shared.documents.federation_workloads import ParticipantWorkload
from shared.errors import DocumentError
from tests.agent.federation.participant.site import Taking

NOWHERE = Cluster(name="here", bootstrap_servers=("127.0.0.1:1",))
SCAFFOLD = StrategyChoice(name="scaffold", parameters={"participants": 2})
PRIVACIES = (
    Privacy(norm=1.0),
    Privacy(norm=1.0, noise=2.0, at=NoiseAt.SITE),
    Privacy(norm=1.0, noise=2.0, at=NoiseAt.COORDINATOR),
)


def taking(folder: Path, strategy: StrategyChoice, privacy: Privacy | None = None) -> Taking:
    return Taking(folder, NOWHERE, "shapes", changes={"strategy": strategy, "privacy": privacy})


def participant(taking: Taking, document: ParticipantWorkload) -> Participant:
    return Participant(document, taking.surroundings(lambda: None))


@pytest.mark.parametrize("privacy", PRIVACIES, ids=["clipped", "noise of the site", "noise of the coordinator"])
async def test_a_site_refuses_control_variates_where_updates_are_to_be_private(
    privacy: Privacy, tmp_path: Path
) -> None:
    # 1. A document that asks for both is none, whoever sends it.
    made = taking(tmp_path, SCAFFOLD)
    with pytest.raises(ValueError, match="`privacy` is not kept by `strategy` scaffold"):
        msgspec.structs.replace(made.document.federation, privacy=privacy)
    # 2. Nor does a site rely on that.
    document = made.document
    msgspec.structs.force_setattr(document.federation, "privacy", privacy)
    with pytest.raises(DocumentError, match="'scaffold' has control variates leave a site as they are") as refused:
        participant(made, document)
    assert refused.value.field == "federation.privacy"


async def test_either_of_the_two_alone_is_taken_part_in(tmp_path: Path) -> None:
    for made in (taking(tmp_path, SCAFFOLD), taking(tmp_path, StrategyChoice(name="fedavg"), PRIVACIES[0])):
        participant(made, made.document)
