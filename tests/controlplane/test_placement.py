"""Placement: laws that hold for every fleet and every set of demands."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from controlplane.fleet import Demand, Key, Node
from controlplane.placement import Placements, place
from shared.documents import INFERENCE, NodeFacts
from shared.documents.training_workloads import ANNOUNCEMENTS, TRAINING

STALE_AFTER_S = 60.0
labels = st.dictionaries(st.sampled_from(["tier", "site"]), st.sampled_from(["a", "b"]))
facts = st.builds(
    NodeFacts,
    memory_bytes=st.integers(0, 10),
    gpu_memory_bytes=st.integers(0, 4),
    backends=st.sampled_from([(), ("litert",), ("torch",), ("litert", "torch")]),
    workload_kinds=st.sampled_from([(), (INFERENCE,), (TRAINING,), (INFERENCE, TRAINING, ANNOUNCEMENTS)]),
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
            kind=draw(st.sampled_from([INFERENCE, TRAINING])),
            replicas=draw(st.sampled_from([1, 2, 3, "all"])),
            memory_bytes=draw(st.integers(0, 6)),
            gpu_memory_bytes=draw(st.integers(0, 3)),
            slot=draw(st.sampled_from([None, None, "one", "other"])),
            labels=draw(labels),
            backend=draw(st.sampled_from(["litert", "torch"])),
        )
        for key in keys
    ]


def demand(owner: str = "x", part: str = "e", *, backend: str = "litert", **changes: object) -> Demand:
    values: dict[str, object] = {
        "kind": INFERENCE,
        "labels": {},
        "stale_after_s": STALE_AFTER_S,
        "can_run": lambda backends: backend in backends,
        "needs": f"{backend}: install it",
    }
    return Demand(owner=owner, part=part, **values | changes)  # type: ignore[arg-type]  # drawn


def run(number: int, *, kind: str = TRAINING, slot: str | None = TRAINING, **changes: object) -> Demand:
    return demand(f"run/{number}", "", backend="litert", kind=kind, slot=slot, **changes)


def node(name: str, **changes: object) -> Node:
    values: dict[str, object] = {"labels": {}, "facts": NodeFacts(backends=("litert",), memory_bytes=10)}
    return Node(name=name, **values | changes)  # type: ignore[arg-type]  # drawn


def trainer(name: str, *, gpu_memory_bytes: int = 0, silent_for_s: float = 0.0) -> Node:
    known = NodeFacts(backends=("litert",), workload_kinds=(TRAINING,), gpu_memory_bytes=gpu_memory_bytes)
    return node(name, facts=known, silent_for_s=silent_for_s)


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
            assert wanted.labels.items() <= there.labels.items()
            assert not there.draining
            assert wanted.can_run(there.facts.backends)
            assert wanted.kind in (there.facts.workload_kinds or (INFERENCE,))
            if name not in before.get(wanted.key, frozenset()):
                assert there.takes_new
                assert there.silent_for_s <= STALE_AFTER_S


@given(fleets(), demand_lists(), holdings)
def test_no_node_is_given_more_than_it_has(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    used, used_gpu = Counter[str](), Counter[str]()
    placements = place(demands, fleet, before)
    for wanted in demands:
        for name in placements.nodes[wanted.key]:
            used[name] += wanted.memory_bytes
            used_gpu[name] += wanted.gpu_memory_bytes
    assert all(used[one.name] <= one.facts.memory_bytes for one in fleet)
    assert all(used_gpu[one.name] <= one.facts.gpu_memory_bytes for one in fleet)


@given(fleets(), demand_lists(), holdings)
def test_a_node_takes_one_demand_of_a_slot_at_a_time(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    placements = place(demands, fleet, before)
    slots = Counter((name, wanted.slot) for wanted in demands for name in placements.nodes[wanted.key] if wanted.slot)
    assert all(count == 1 for count in slots.values())


@given(fleets(), demand_lists(), holdings)
def test_nothing_waits_while_a_node_could_take_it(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    placements = place(demands, fleet, before)
    everything = held(placements)
    for short in placements.shortages:
        (wanted,) = [one for one in demands if one.key == (short.owner, short.part)]
        others = [one for one in demands if one.key != wanted.key]
        # What lies somewhere stays there, so it leaves no more room than there was.
        last = place([*others, wanted], fleet, everything)
        assert last.nodes[wanted.key] == placements.nodes[wanted.key]


@given(fleets(), demand_lists(), holdings)
def test_replicas_lie_on_as_many_different_nodes_and_every_shortage_has_a_reason(
    fleet: list[Node], demands: list[Demand], before: dict[Key, frozenset[str]]
) -> None:
    placements = place(demands, fleet, before)
    short = {(one.owner, one.part): one for one in placements.shortages}
    for wanted in demands:
        placed = placements.nodes[wanted.key]
        assert len(set(placed)) == len(placed)
        missing = short[wanted.key].missing if wanted.key in short else 0
        if wanted.replicas != "all":
            assert len(placed) + missing == wanted.replicas
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
def test_all_means_every_node_that_qualifies(fleet: list[Node], wanted: dict[str, str]) -> None:
    everywhere, once = demand(replicas="all", labels=wanted), demand(labels=wanted)
    placed = place([everywhere], fleet, {}).nodes[everywhere.key]
    alone = [one.name for one in fleet if place([once], [one], {}).nodes[once.key]]
    assert sorted(placed) == sorted(alone)


def test_shares_spread_over_the_nodes_that_have_fewest() -> None:
    demands = [demand(part=part) for part in ("e", "f")]
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
        node("e", facts=NodeFacts(backends=("litert",), memory_bytes=10, workload_kinds=(TRAINING,))),
    ]
    (short,) = place([demand(replicas=4, memory_bytes=5)], fleet, {}).shortages
    assert short.missing == 3
    assert short.reason.startswith("1 of 5 nodes with any labels have it")
    for part in (
        "a: draining: undrain it",
        "b: no litert: install it",
        "c: not enough free memory",
        "e: its agent does not run inference",
    ):
        assert part in short.reason


def test_a_node_that_names_no_kinds_runs_inference_alone() -> None:
    silent = node("a")
    assert place([demand(kind=INFERENCE)], [silent], {}).nodes["x", "e"] == ("a",)
    (short,) = place([demand(kind=TRAINING)], [silent], {}).shortages
    assert "its agent does not run training" in short.reason


def test_gpu_memory_is_given_out_as_memory_is() -> None:
    fleet = [trainer("a", gpu_memory_bytes=8)]
    placements = place([run(1, slot=None, gpu_memory_bytes=5), run(2, slot=None, gpu_memory_bytes=5)], fleet, {})
    assert placements.nodes == {("run/1", ""): ("a",), ("run/2", ""): ()}
    assert "a: not enough free GPU memory" in placements.shortages[0].reason


def test_runs_take_idle_nodes_and_the_rest_wait_in_their_order() -> None:
    fleet = [trainer("a"), trainer("b")]
    runs = [run(number) for number in (1, 2, 3, 4)]
    placements = place(runs, fleet, {})
    assert placements.nodes == {("run/1", ""): ("a",), ("run/2", ""): ("b",), ("run/3", ""): (), ("run/4", ""): ()}
    assert all("a, b: busy: it runs one training at a time" in short.reason for short in placements.shortages)
    then = place(runs[1:], fleet, held(placements))
    assert then.nodes == {("run/2", ""): ("b",), ("run/3", ""): ("a",), ("run/4", ""): ()}


def test_a_run_on_a_silent_node_keeps_its_slot_until_another_node_is_idle() -> None:
    silent = trainer("a", silent_for_s=STALE_AFTER_S + 1)
    before = {("run/1", ""): frozenset({"a"}), ("run/2", ""): frozenset({"b"})}
    runs = [run(1), run(2)]
    assert place(runs, [silent, trainer("b")], before).nodes == {("run/1", ""): ("a",), ("run/2", ""): ("b",)}
    assert place(runs, [silent, trainer("b"), trainer("c")], before).nodes["run/1", ""] == ("c",)


def test_ten_thousand_nodes_that_cannot_train_are_looked_at_once_for_all_runs_that_wait() -> None:
    fleet = [node(f"node-{number}") for number in range(10_000)]
    asked = []

    def can_run(backends: tuple[str, ...]) -> bool:
        asked.append(backends)
        return False

    runs = [run(number, kind=INFERENCE, can_run=can_run) for number in range(100)]
    assert len(place(runs, fleet, {}).shortages) == 100
    assert len(asked) == 10_000


def test_all_does_not_miss_a_node_that_was_drained_on_purpose() -> None:
    assert place([demand(replicas="all")], [node("a"), node("b", draining=True)], {}).shortages == ()
