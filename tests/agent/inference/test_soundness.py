from pathlib import Path

import pytest
from msgspec.structs import replace

from agent.inference.changes import require_live
from agent.inference.soundness import require_sound
from agent.workload import RestartNeededError
from shared.documents import Cluster, ExitPolicy, FeaturesEncoding, InferenceWorkload, LoadedVersion, Uplink, UplinkMode
from shared.errors import DocumentError
from tests.agent.inference.arithmetic import Arithmetic
from tests.agent.inference.tiers import Networks, document

HERE, THERE = (Cluster(name=name, bootstrap_servers=("kafka:9092",)) for name in ("here", "there"))


@pytest.fixture
def edge(tmp_path: Path) -> InferenceWorkload:
    version = Networks(tmp_path).add(Arithmetic(tier="edge", version=1))
    return document("edge", [version], {"edge": HERE, "fog": THERE}, "d", upper="fog")


def _without_exit(version: LoadedVersion) -> LoadedVersion:
    return replace(version, sub_model=replace(version.sub_model, exit=None))


def test_an_ordinary_document_is_sound(edge: InferenceWorkload) -> None:
    require_sound(edge)


def test_a_cluster_that_is_not_there_is_named(edge: InferenceWorkload) -> None:
    with pytest.raises(DocumentError, match="cluster 'there' is not among") as raised:
        require_sound(replace(edge, clusters=(HERE,)))
    assert raised.value.field == "upper.cluster"


def test_a_sub_model_that_can_neither_answer_nor_forward_is_refused(edge: InferenceWorkload) -> None:
    mute = replace(edge, versions=(_without_exit(edge.versions[0]),))
    require_sound(mute)
    with pytest.raises(DocumentError, match="no exit"):
        require_sound(replace(mute, upper=None))


def test_an_uplink_can_only_degrade_to_an_exit(edge: InferenceWorkload) -> None:
    assert edge.upper
    upper = replace(edge.upper, uplink=Uplink(mode=UplinkMode.DEGRADE))
    require_sound(replace(edge, upper=upper))
    with pytest.raises(DocumentError, match="degrades needs an exit"):
        require_sound(replace(edge, upper=upper, versions=(_without_exit(edge.versions[0]),)))


def test_policy_batching_features_and_patience_change_live(edge: InferenceWorkload) -> None:
    assert edge.upper
    uplink = replace(edge.upper.uplink, mode=UplinkMode.DEGRADE, deadline_s=1.0)
    upper = replace(edge.upper, features=FeaturesEncoding.F16, uplink=uplink)
    require_live(edge, replace(edge, exit=ExitPolicy(threshold=0.1), upper=upper, versions=()))


def test_topics_clusters_group_and_spool_do_not(edge: InferenceWorkload) -> None:
    assert edge.upper
    others = {
        "answers_topic": replace(edge, answers_topic="t"),
        "clusters": replace(edge, clusters=(HERE,)),
        "group": replace(edge, group="g"),
        "upper.topic": replace(edge, upper=replace(edge.upper, topic="t")),
        "upper.tier": replace(edge, upper=None),
        "upper.uplink.spool_bytes": replace(edge, upper=replace(edge.upper, uplink=Uplink(spool_bytes=1))),
    }
    for name, other in others.items():
        with pytest.raises(RestartNeededError, match=name):
            require_live(edge, other)
