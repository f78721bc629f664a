"""What a node is given: everything to start with, and nothing of others."""

from controlplane.workloads import build, loaded_version
from shared.documents import Cluster, FeaturesEncoding, InferenceWorkload, ModelVersion, TierSpec
from tests.controlplane.stage import deployment, manifest

CLUSTERS = {
    name: Cluster(name=name, bootstrap_servers=(f"{name}:9092",)) for name in ("edge", "fog", "cloud", "answers")
}


def workload(index: int) -> InferenceWorkload:
    tiers = (
        TierSpec(tier="edge", cluster="edge", output_cluster="answers", features=FeaturesEncoding.F16),
        TierSpec(tier="fog", cluster="fog", input_topic="fog-in"),
        TierSpec(tier="cloud", cluster="cloud"),
    )
    model = ModelVersion(manifest=manifest(), version=3, created_at="")
    artifact = model.manifest.sub_models[index].artifacts[0]
    version = loaded_version(model, tiers[index].tier, artifact)
    return build(deployment(tiers=tiers), index, [version], CLUSTERS)


def test_a_tier_gets_the_clusters_it_names_and_no_others() -> None:
    assert [[one.name for one in workload(index).clusters] for index in range(3)] == [
        ["edge", "answers", "fog"],
        ["fog", "cloud"],
        ["cloud"],
    ]


def test_features_go_where_the_upper_tier_reads() -> None:
    edge, fog, cloud = (workload(index) for index in range(3))
    assert edge.upper is not None
    assert (edge.upper.tier, edge.upper.cluster, edge.upper.topic) == ("fog", fog.input_cluster, fog.input_topic)
    assert edge.upper.features is FeaturesEncoding.F16
    assert fog.upper is not None
    assert (fog.upper.topic, cloud.upper) == (cloud.input_topic, None)
    assert [edge.is_first_tier, fog.is_first_tier] == [True, False]


def test_names_are_told_apart_by_deployment_and_tier() -> None:
    edge = workload(0)
    assert (edge.id, edge.group, edge.input_topic) == ("net.edge", "fogline.net.edge", "fogline.net.edge")
    assert (edge.answers_topic, edge.dead_letter_topic) == ("fogline.net.answers", "fogline.net.dead-letters")
    assert [version.id for version in edge.versions] == ["net/3"]
