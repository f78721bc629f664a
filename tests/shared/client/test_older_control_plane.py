"""What a client puts holds what was asked for and nothing else: an earlier control plane knows no later field."""

import json
from typing import Any

import pytest

from shared.client.clusters import Clusters
from shared.client.deployments import Deployments
from shared.client.federations import Federations
from shared.client.flow import Answer, Call, Flow
from shared.client.models import Models
from shared.client.profiles import Profiles
from shared.client.training import Configurations, Networks, Requests
from shared.documents import (
    Artifact,
    ArtifactFormat,
    Cluster,
    Configuration,
    Deployment,
    DeploymentView,
    DType,
    ExitPolicy,
    ModelManifest,
    NetworkSource,
    Optimiser,
    SourceFile,
    SubModel,
    TensorSpec,
    TierSpec,
    TrainingParameters,
    TrainingRequest,
    encode,
)
from shared.documents.federation import Federation, Rounds, UpdateParameters
from shared.documents.profile import ProfiledTier, Profiling
from shared.errors import ControlPlaneError
from tests.shared.client.stage import Rehearsal

SHA256 = "0" * 64
EDGE, CLOUD = TierSpec(tier="edge", cluster="c", exit=ExitPolicy(threshold=0.5)), TierSpec(tier="cloud", cluster="c")
DEPLOYMENT = Deployment(name="d", model="m", tiers=(EDGE, CLOUD))
DEPLOYED = {
    "api_version": "fogline/v1",
    "name": "d",
    "model": "m",
    "tiers": [{"tier": "edge", "cluster": "c", "exit": {"threshold": 0.5}}, {"tier": "cloud", "cluster": "c"}],
}
VECTOR = TensorSpec(dtype=DType.FLOAT32, shape=(2,))
ARTIFACT = Artifact(sha256=SHA256, size_bytes=1, format=ArtifactFormat.TFLITE)
MANIFEST = ModelManifest(
    name="m", sub_models=(SubModel(tier="edge", input=VECTOR, exit=VECTOR, artifacts=(ARTIFACT,)),)
)


def sent(flow: Flow[Any], *answers: object) -> dict[str, Any]:
    """What the last call of a flow sends."""
    there = iter(answers)

    def answer(call: Call[Any]) -> Answer | ControlPlaneError:
        body = next(there, None)
        return ControlPlaneError("enough") if body is None else Answer(status=200, headers={}, body=encode(body))

    rehearsal = Rehearsal(answer)
    with pytest.raises(ControlPlaneError, match="enough"):
        rehearsal.run(flow)
    found: dict[str, Any] = json.loads(rehearsal.calls[-1].content or b"")
    assert found.pop("api_version") == "fogline/v1"
    return found


CASES: dict[str, tuple[Flow[Any], dict[str, Any]]] = {
    "deployment": (Deployments.put.describe(None, DEPLOYMENT), DEPLOYED),
    "plan": (Deployments.plan.describe(None, DEPLOYMENT), DEPLOYED),
    "request": (
        Requests.put.describe(None, TrainingRequest(name="r", configuration="c", cluster="k")),
        {"name": "r", "configuration": "c", "cluster": "k"},
    ),
    "request in part": (
        Requests.put.describe(
            None,
            TrainingRequest(
                name="r",
                configuration="c",
                cluster="k",
                parameters=TrainingParameters(epochs=3, optimiser=Optimiser(learning_rate=0.5)),
            ),
        ),
        {
            "name": "r",
            "configuration": "c",
            "cluster": "k",
            "parameters": {"epochs": 3, "optimiser": {"learning_rate": 0.5}},
        },
    ),
    "configuration": (
        Configurations.put.describe(None, Configuration(name="c", networks=("n",))),
        {"name": "c", "networks": ["n"]},
    ),
    "network": (
        Networks.put.describe(None, NetworkSource(name="n", files=(SourceFile(sha256=SHA256, size_bytes=1),))),
        {"name": "n", "files": [{"sha256": SHA256, "size_bytes": 1}]},
    ),
    "cluster": (
        Clusters.put.describe(None, Cluster(name="c", bootstrap_servers=("k:9092",))),
        {"name": "c", "bootstrap_servers": ["k:9092"]},
    ),
    "profile": (
        Profiles.put.describe(None, Profiling(name="p", run=1, tiers=(ProfiledTier(tier="edge"),))),
        {"name": "p", "run": 1, "tiers": [{"tier": "edge"}]},
    ),
    "federation": (
        Federations.put.describe(
            None,
            Federation(
                name="f",
                network="n",
                cluster="c",
                rounds=Rounds(updates=2),
                parameters=UpdateParameters(optimiser=Optimiser(learning_rate=0.5)),
            ),
        ),
        {
            "name": "f",
            "network": "n",
            "cluster": "c",
            "rounds": {"updates": 2},
            "parameters": {"optimiser": {"learning_rate": 0.5}},
        },
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_only_what_is_asked_for_is_sent(name: str) -> None:
    flow, expected = CASES[name]
    assert {"api_version": "fogline/v1", **sent(flow)} == {"api_version": "fogline/v1", **expected}


def test_a_model_is_registered_by_what_its_manifest_says() -> None:
    manifest = sent(Models.create_version.describe(None, MANIFEST))
    assert set(manifest) == {"name", "sub_models"}
    assert set(manifest["sub_models"][0]["artifacts"][0]) == {"sha256", "size_bytes", "format"}


def test_what_is_read_and_put_back_is_without_defaults_too() -> None:
    view = DeploymentView(deployment=DEPLOYMENT, etag="e", created_at="", updated_at="")
    put = sent(Deployments.set_threshold.describe(None, "d", "edge", 0.25), view)
    assert put["tiers"] == [{"tier": "edge", "cluster": "c", "exit": {"threshold": 0.25}}, DEPLOYED["tiers"][1]]
