"""Placement: laws that hold for every fleet and every set of demands."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from controlplane.placement import Demand, Key, Node, Placements, place
from shared.documents import INFERENCE, NodeFacts, TierSpec

STALE_AFTER_S = 60.0
labels = st.dictionaries(st.sampled_from(["tier", "site"]), st.sampled_from(["a", "b"]))
facts = st.builds(
    NodeFacts,
    memory_bytes=st.integers(0, 10),
    backends=st.sampled_from([(), ("litert",), ("torch",), ("litert", "torch")]),
    workload_kinds=st.sampled_from([(), (INFERENCE,), ("training",)]),
)


@st.composite
def fleets(draw: st.DrawFn) -> list[Node]:
    names = draw(st.lists(st.sampled_from([f"node-{number}" for number in range(8)]), unique=True))
    return [
        Node(
            name=name,
            labels=draw(labels),
            facts=draw(facts),
            draining=draw(st.booleans()),
            takes_new=draw(st.booleans()),
            silent_for_s=draw(st.sampled_from([0.0, STALE_AFTER_S, STALE_AFTER_S + 1])),
        )
        for name in names
    ]


@st.composite
def demand_lists(draw: st.DrawFn) -> list[Demand]:
    keys = draw(st.lists(st.tuples(st.sampled_from("xy"), st.sampled_from("ef")), unique=True, max_size=4))
    return [
        demand(
            *key,
            replicas=draw(st.sampled_from([1, 2, 3, "all"])),
            memory_bytes=draw(st.integers(0, 6)),
            selector=draw(labels),
            backend=draw(st.sampled_from(["litert", "torch"])),
        )
        for key in keys
    ]


def demand(
    deployment: str = "x",
    tier: str = "e",
    *,
    replicas: object = 1,
    memory_bytes: int = 0,
    selector: Mapping[str, str] | None = None,
    backend: str = "litert",
) -> Demand:
    spec = TierSpec(tier=tier, cluster="c", replicas=replicas, memory_bytes=memory_bytes, selector=dict(selector or {}))  # type: ignore[arg-type]  # drawn
    return Demand(
        deployment=deployment, spec=spec, stale_after_s=STALE_AFTER_S, can_run=lambda backends: backend in backends
    )


def node(name: str, **changes: object) -> Node:
    values: dict[str, object] = {"labels": {}, "facts": NodeFacts(backends=("litert",), memory_bytes=10)}
    return Node(name=name, **values | changes)  # type: ignore[arg-type]  # drawn


def held(placements: Placements) -> dict[Key, frozenset[str]]:
    return {key: frozenset(names) for key, names in placements.nodes.items()}


holdings = st.dictionaries(
    st.tuples(st.sampled_from("xy"), st.sampled_from("ef")),
    st.frozensets(st.sampled_from([f"node-{number}" for number in range(8)])),
)


@given(fleets(), demand_lists(), holdings)
def test_no_share_lies_on_a_node_that_does_not_qualify(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    by_name = {one.name: one for one in fleet}
    for wanted in demands:
        for name in place(demands, fleet, before).nodes[wanted.key]:
            there = by_name[name]
            assert wanted.spec.wanted_labels.items() <= there.labels.items()
            assert not there.draining
            assert wanted.can_run(there.facts.backends)
            assert there.facts.workload_kinds in ((), (INFERENCE,))
            if name not in before.get(wanted.key, frozenset()):
                assert there.takes_new
                assert there.silent_for_s <= STALE_AFTER_S


@given(fleets(), demand_lists(), holdings)
def test_no_node_is_given_more_memory_than_it_has(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    used: Counter[str] = Counter()
    placements = place(demands, fleet, before)
    for wanted in demands:
        for name in placements.nodes[wanted.key]:
            used[name] += wanted.spec.memory_bytes
    assert all(used[one.name] <= one.facts.memory_bytes for one in fleet)


@given(fleets(), demand_lists(), holdings)
def test_replicas_lie_on_as_many_different_nodes_and_every_shortage_has_a_reason(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    placements = place(demands, fleet, before)
    short = {(one.deployment, one.tier): one for one in placements.shortages}
    for wanted in demands:
        placed = placements.nodes[wanted.key]
        assert len(set(placed)) == len(placed)
        missing = short[wanted.key].missing if wanted.key in short else 0
        if wanted.spec.replicas != "all":
            assert len(placed) + missing == wanted.spec.replicas
        if wanted.key in short:
            assert missing > 0
            assert ":" in short[wanted.key].reason


@given(fleets(), demand_lists(), holdings, st.randoms())
def test_the_order_of_the_nodes_decides_nothing(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]], random: object
) -> None:
    shuffled = list(fleet)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert place(demands, shuffled, before).nodes == place(demands, fleet, before).nodes


@given(fleets(), demand_lists(), holdings)
def test_what_was_placed_stays_while_nothing_changes(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    first = place(demands, fleet, before)
    assert place(demands, fleet, held(first)).nodes == first.nodes


@given(fleets(), demand_lists(), fleets())
def test_a_node_that_comes_takes_nothing_away_from_one_that_is_well(
    fleet: list[Node], demands: list[Demand], others: list[Node]
) -> None:
    well = [one for one in fleet if one.silent_for_s <= STALE_AFTER_S and not one.draining]
    first = place(demands, well, {})
    known = {one.name for one in well}
    then = place(demands, [*well, *(one for one in others if one.name not in known)], held(first))
    assert all(set(names) <= set(then.nodes[key]) for key, names in first.nodes.items())


@given(fleets(), labels)
def test_all_means_every_node_that_qualifies(fleet: list[Node], selector: dict[str, str]) -> None:
    everywhere, once = demand(replicas="all", selector=selector), demand(selector=selector)
    placed = place([everywhere], fleet, {}).nodes[everywhere.key]
    alone = [one.name for one in fleet if place([once], [one], {}).nodes[once.key]]
    assert sorted(placed) == sorted(alone)


def test_shares_spread_over_the_nodes_that_have_fewest() -> None:
    demands = [demand(tier=tier) for tier in ("e", "f")]
    placements = place(demands, [node("a"), node("b")], {})
    assert placements.nodes == {("x", "e"): ("a",), ("x", "f"): ("b",)}


def test_a_silent_node_is_replaced_when_another_can_take_its_share_and_kept_when_none_can() -> None:
    silent = node("a", silent_for_s=STALE_AFTER_S + 1)
    before = {("x", "e"): frozenset({"a"})}
    assert place([demand()], [silent, node("b")], before).nodes["x", "e"] == ("b",)
    assert place([demand()], [silent, node("b", draining=True)], before).nodes["x", "e"] == ("a",)


def test_a_reason_names_the_nodes_and_the_remedy() -> None:
    fleet = [
        node("a", draining=True),
        node("b", facts=NodeFacts(backends=("torch",))),
        node("c", facts=NodeFacts(backends=("litert",), memory_bytes=1)),
        node("d"),
    ]
    (short,) = place([demand(replicas=4, memory_bytes=5)], fleet, {}).shortages
    assert short.missing == 3
    assert short.reason.startswith("1 of 4 nodes with any labels have it")
    for part in ("a: draining: undrain it", "b: no backend", "c: not enough free memory"):
        assert part in short.reason


def test_all_does_not_miss_a_node_that_was_drained_on_purpose() -> None:
    assert place([demand(replicas="all")], [node("a"), node("b", draining=True)], {}).shortages == ()
