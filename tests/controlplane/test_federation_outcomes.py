"""What a coordinator hands in over HTTP: who is heard, what is refused, and what becomes a version."""

from typing import Any

import pytest
from msgspec.structs import replace

from shared.documents import ModelVersion, Problem, VersionName, decode
from shared.documents.federation_workloads import (
    FederationProgress,
    FederationState,
)
from tests.controlplane.federating import (
    NAME,
    coordinates,
    founded,
    hands_in,
    lineage,
    outcome,
    progress,
    says,
    stage,
    tells,
    uploads,
    view,
)
from tests.controlplane.stage import Site
from tests.controlplane.training import upload


async def test_an_outcome_is_a_version_with_its_lineage_from_which_another_can_start(site: Site) -> None:
    hub, north, _ = await stage(site)
    await says(hub)
    await tells(hub, progress(3, ended="rounds"))
    ending = await view(site)
    assert (ending.state, ending.reason) == (FederationState.ENDING, "it has ended (rounds)")
    for send in (hands_in(hub), tells(hub, progress(3, ended="rounds"), outcome())):
        response = await send
        assert response.status_code == 204, response.text
    over = await view(site)
    assert (over.state, over.model, over.version) == (FederationState.FINISHED, "small", 1)
    assert [file.name for file in over.files] == ["weights.npz"]
    version = await site.ask(ModelVersion, "GET", "models/small/versions/latest")
    assert (version.version, version.lineage) == (1, lineage())
    assert [len((await node.assignment()).workloads) for node in (hub, north)] == [0, 0]
    assert (await site.call("POST", f"federations/{NAME}/cancel")).status_code == 409
    await founded(site, start_from=VersionName(model="small", version=1))
    start = (await coordinates(hub)).start_from
    assert start is not None
    assert (start.version, start.weights) == (1, over.files[0])


async def test_without_an_evaluation_there_are_weights_and_no_version(site: Site) -> None:
    hub, _, _ = await stage(site)
    assert (await hands_in(hub, manifest=None, lineage=None)).status_code == 204
    over = await view(site)
    assert (over.state, over.model, over.version) == (FederationState.FINISHED, None, None)
    assert len(over.files) == 1


@pytest.mark.parametrize(
    ("members", "field"),
    [
        ({"lineage": None}, "outcome.lineage"),
        ({"lineage": lineage(network="other")}, "outcome.lineage.network"),
        ({"lineage": lineage(edition=2)}, "outcome.lineage.federation.edition"),
        ({"lineage": replace(lineage(), run=7, federation=None)}, "outcome.lineage.federation.name"),
    ],
)
async def test_an_outcome_of_something_else_is_refused(site: Site, members: dict[str, Any], field: str) -> None:
    hub, _, _ = await stage(site)
    refused = await hands_in(hub, **members)
    assert (refused.status_code, decode(refused.content, Problem).field) == (422, field)
    assert (await view(site)).state is not FederationState.FINISHED


async def test_what_is_not_uploaded_is_not_registered(site: Site) -> None:
    hub, north, _ = await stage(site)
    refused = await tells(hub, progress(3, ended="rounds"), outcome())
    assert (refused.status_code, decode(refused.content, Problem).field) == (422, "outcome.files[0].sha256")
    assert (await view(site)).progress == FederationProgress()
    assert (await upload(north, b"anything")).status_code == 403
    await uploads(hub)


async def test_only_the_node_that_coordinates_this_edition_is_heard(site: Site) -> None:
    hub, north, _ = await stage(site)
    assert (await tells(north, progress())).status_code == 409
    assert (await tells(hub, progress(), edition=2)).status_code == 409
    assert (await tells(hub, progress())).status_code == 204
    await hands_in(hub)
    assert (await tells(hub, progress(3, ended="rounds"), outcome(exits=("edge",)))).status_code == 409
