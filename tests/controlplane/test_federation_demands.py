"""Who is given a part in a federation, and what the document of each part says."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from controlplane import federation_demands, training_demands
from controlplane.federation_demands import coordinated, is_invited, key, public_keys
from controlplane.federations import Federated
from controlplane.fleet import Node
from controlplane.placement import place
from shared.documents import Cluster, Framework, digest
from shared.documents.federation import Invited
from shared.documents.federation_workloads import (
    COORDINATOR,
    PARTICIPANT,
    CoordinatorWorkload,
    FederationState,
    ParticipantWorkload,
)
from shared.documents.training_workloads import TRAINING
from tests.controlplane.federating import facts, federated, federation
from tests.controlplane.test_training_demands import run

CLUSTERS = {"main": Cluster(name="main", bootstrap_servers=("main:9092",))}
NAMES = [f"node-{number}" for number in range(6)]
labels = st.dictionaries(st.sampled_from(["ward", "coordinator"]), st.sampled_from(["a", "true"]))
inviteds = st.one_of(
    st.just(Invited()),
    st.lists(st.sampled_from(NAMES), unique=True, min_size=1).map(lambda names: Invited(nodes=tuple(names))),
    st.builds(Invited, selector=st.dictionaries(st.just("ward"), st.sampled_from(["a", "true"]), min_size=1)),
)


@st.composite
def fleets(draw: st.DrawFn) -> list[Node]:
    kinds = st.lists(st.sampled_from(["inference", COORDINATOR, PARTICIPANT, TRAINING]), unique=True)
    return [
        Node(
            name=name,
            labels=draw(labels),
            facts=facts(*draw(kinds), public_key=draw(st.sampled_from(["", f"key of {name}"]))),
            draining=draw(st.booleans()),
            silent_for_s=draw(st.sampled_from([0.0, 61.0])),
        )
        for name in draw(st.lists(st.sampled_from(NAMES), unique=True))
    ]


def node(name: str, *kinds: str, its_labels: dict[str, str] | None = None, **changes: Any) -> Node:  # noqa: ANN401
    return Node(name=name, labels=its_labels or {}, facts=facts(*kinds, **changes))


def workloads(one: Federated, nodes: list[Node]) -> tuple[CoordinatorWorkload, ParticipantWorkload]:
    built = federation_demands.builders([one], CLUSTERS, nodes)
    coordinator, participant = built[key(one, COORDINATOR)](()), built[key(one, PARTICIPANT)](())
    assert isinstance(coordinator, CoordinatorWorkload)
    assert isinstance(participant, ParticipantWorkload)
    return coordinator, participant


@given(fleets(), inviteds)
def test_whoever_can_and_is_invited_takes_part_and_one_coordinates(fleet: list[Node], invited: Invited) -> None:
    one = federated(wanted=federation(participants=invited))
    nodes = place(federation_demands.demands([one], CLUSTERS), fleet, {}).nodes
    able = [there for there in fleet if not there.draining and there.silent_for_s <= 60]
    assert set(nodes[key(one, PARTICIPANT)]) == {
        there.name for there in able if PARTICIPANT in there.kinds and is_invited(invited, there.name, there.labels)
    }
    may = {there.name for there in able if COORDINATOR in there.kinds and there.labels.get("coordinator") == "true"}
    found = nodes[key(one, COORDINATOR)]
    assert len(found) == min(1, len(may))
    assert set(found) <= may


@given(fleets(), inviteds, st.randoms())
def test_the_document_of_a_part_says_the_same_as_long_as_the_fleet_does(
    fleet: list[Node],
    invited: Invited,
    random: Any,  # noqa: ANN401
) -> None:
    one = federated(wanted=federation(participants=invited))
    before = [digest(each) for each in workloads(one, fleet)]
    told = replace(one, round=7, coordinator="node-1", ended="rounds", waits="")
    shuffled = random.sample(fleet, len(fleet))
    assert [digest(each) for each in workloads(told, shuffled)] == before


@given(fleets(), inviteds)
def test_only_invited_nodes_with_a_key_are_believed(fleet: list[Node], invited: Invited) -> None:
    keys = public_keys(invited, fleet)
    for there in fleet:
        is_believed = bool(there.facts.public_key) and is_invited(invited, there.name, there.labels)
        assert (there.name in keys) is is_believed


def test_an_orders_change_is_the_coordinators_alone() -> None:
    before = workloads(federated(), [])
    for change in ({"is_paused": True}, {"is_cancelled": True}):
        coordinator, participant = workloads(federated(**change), [])
        assert (coordinator == before[0], participant == before[1]) == (False, True)


def test_a_named_site_takes_part_by_its_name_alone() -> None:
    one = federated(wanted=federation(participants=Invited(nodes=("north", "gone"))))
    fleet = [node("north", PARTICIPANT), node("south", PARTICIPANT)]
    placements = place(federation_demands.demands([one], CLUSTERS), fleet, {})
    assert placements.nodes[key(one, PARTICIPANT)] == ("north",)


def test_a_training_run_and_a_participant_share_a_node() -> None:
    fleet = [node("north", PARTICIPANT, TRAINING)]
    one = federated()
    demands = [*training_demands.demands([run()], CLUSTERS), *federation_demands.demands([one], CLUSTERS)]
    nodes = place(demands, fleet, {}).nodes
    assert (nodes["run/7", ""], nodes[key(one, PARTICIPANT)]) == (("north",), ("north",))


def test_whoever_trains_or_judges_has_the_framework_and_the_memory() -> None:
    one = federated(wanted=federation(memory_bytes=7))
    for demand in federation_demands.demands([one], CLUSTERS):
        assert (demand.memory_bytes, demand.stale_after_s, demand.slot) == (7, 60.0, None)
        assert [demand.can_run(backends) for backends in (("litert", "keras"), ("torch",))] == [True, False]
    torch = federated(network=replace(one.network, framework=Framework.TORCH))
    assert "backend torch" in federation_demands.demands([torch], CLUSTERS)[0].needs


def test_what_is_over_or_has_no_kafka_wants_nothing() -> None:
    over = federated(end=FederationState.FAILED)
    lost = federated(wanted=federation(cluster="gone"))
    assert federation_demands.demands([over, lost], CLUSTERS) == []
    assert federation_demands.builders([over, lost], CLUSTERS, []) == {}
    assert federation_demands.waits_for(lost, CLUSTERS, {}) == (
        "waits for cluster gone: there is none of this name, put it"
    )


def test_another_edition_is_another_owner_with_other_workloads() -> None:
    one, two = federated(), federated(edition=2)
    assert key(one, COORDINATOR) != key(two, COORDINATOR)
    assert {part.id for part in workloads(one, [])}.isdisjoint(part.id for part in workloads(two, []))
    assert coordinated(*key(one, COORDINATOR))
    assert not coordinated(*key(one, PARTICIPANT))
    assert not coordinated("deployment/x", COORDINATOR)
