"""Whether a deployment fits, field by field."""

import msgspec
import pytest

from controlplane.checks import check
from shared.documents import (
    ArtifactFormat,
    Cluster,
    Delivery,
    Deployment,
    ExitPolicy,
    ModelManifest,
    SubModel,
    TierSpec,
    TopicDefaults,
    Uplink,
    UplinkMode,
)
from shared.errors import DocumentError
from tests.controlplane.stage import artifact, deployment, manifest, tensor

CLUSTERS = {
    name: Cluster(name=name, bootstrap_servers=("kafka:9092",), topics=TopicDefaults(partitions=2))
    for name in ("main", "other")
}


def without_exit() -> ModelManifest:
    """`edge` can only forward."""
    edge = SubModel(tier="edge", input=tensor(2), features=tensor(3), artifacts=(artifact(b"edge"),))
    return ModelManifest(name="net", sub_models=(edge, manifest("x", "cloud").sub_models[1]))


def spec(tier: str, *, cluster: str = "main", **changes: object) -> TierSpec:
    return msgspec.structs.replace(TierSpec(tier=tier, cluster=cluster), **changes)


def refused(wanted: Deployment, model: ModelManifest) -> str:
    with pytest.raises(DocumentError) as refusal:
        check(wanted, model, CLUSTERS)
    return refusal.value.field


def test_what_fits_is_taken() -> None:
    check(deployment(), manifest(), CLUSTERS)


def test_the_last_tier_may_have_an_exit_policy() -> None:
    check(deployment("edge"), manifest("edge"), CLUSTERS)


def test_an_exit_policy_needs_an_exit() -> None:
    tiers = spec("edge", exit=ExitPolicy()), spec("cloud")
    assert refused(deployment(tiers=tiers), without_exit()) == "tiers[0].exit"


def test_an_uplink_that_degrades_needs_an_exit() -> None:
    tiers = spec("edge", uplink=Uplink(mode=UplinkMode.DEGRADE)), spec("cloud")
    assert refused(deployment(tiers=tiers), without_exit()) == "tiers[0].uplink.mode"


@pytest.mark.parametrize(
    ("edge", "cloud", "field"),
    [
        ({}, {}, None),
        ({"output_cluster": "main"}, {}, None),
        ({"output_cluster": "other"}, {}, "tiers[0].output_cluster"),
        ({}, {"output_cluster": "other"}, "tiers[1].output_cluster"),
        ({}, {"cluster": "other"}, "delivery"),
    ],
)
def test_exactly_once_needs_one_cluster(edge: dict[str, str], cloud: dict[str, str], field: str | None) -> None:
    wanted = deployment(tiers=(spec("edge", **edge), spec("cloud", **cloud)), delivery=Delivery.EXACTLY_ONCE)
    if field is None:
        check(wanted, manifest("edge", "cloud"), CLUSTERS)
    else:
        assert refused(wanted, manifest("edge", "cloud")) == field


@pytest.mark.parametrize(
    ("changes", "is_taken"),
    [
        ({"replicas": 2}, True),
        ({"replicas": 3}, False),
        ({"replicas": 3, "partitions": 3}, True),
        ({"replicas": 3, "partitions": 2}, False),
        ({"replicas": 3, "input_topic": "made-by-others"}, True),
        ({"replicas": "all", "partitions": 1}, True),
    ],
)
def test_replicas_share_the_partitions(changes: dict[str, object], is_taken: bool) -> None:
    wanted = deployment(tiers=(msgspec.structs.replace(spec("edge"), **changes),))
    if is_taken:
        check(wanted, manifest("edge"), CLUSTERS)
    else:
        assert refused(wanted, manifest("edge")) == "tiers[0].replicas"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"backend": "litert"}, None),
        ({"backend": "keras"}, "tiers[0].backend"),
        ({"backend": "of-a-third-party"}, None),
        ({"precision": "float16"}, "tiers[0].precision"),
    ],
)
def test_a_backend_and_a_precision_need_an_artifact(changes: dict[str, str], field: str | None) -> None:
    wanted = msgspec.convert({"tier": "edge", "cluster": "main", **changes}, TierSpec)
    if field is None:
        check(deployment(tiers=(wanted,)), manifest("edge"), CLUSTERS)
    else:
        assert refused(deployment(tiers=(wanted,)), manifest("edge")) == field


def test_formats_are_told_in_the_reason() -> None:
    model = manifest("edge")
    torch = msgspec.structs.replace(model.sub_models[0], artifacts=(artifact(b"x", format=ArtifactFormat.TORCH),))
    wanted = deployment(tiers=(spec("edge", backend="litert"),))
    with pytest.raises(DocumentError, match="backend litert reads tflite, and the float32 artifacts are torch"):
        check(wanted, msgspec.structs.replace(model, sub_models=(torch,)), CLUSTERS)
