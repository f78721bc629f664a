"""What a run wants of the nodes, and the document its node is given."""

# ruff: noqa: ANN401 - keywords are passed on to the request as they come

from typing import Any

from msgspec.structs import replace

from controlplane import training_demands
from controlplane.runs import Run
from shared.documents import Cluster, Framework, Rates, RunState
from shared.documents.training_workloads import TRAINING, TrainingWorkload
from tests.controlplane.training import announcement, request, source

CLUSTERS = {name: Cluster(name=name, bootstrap_servers=(f"{name}:9092",)) for name in ("main", "other")}


def run(id_: int = 7, **changes: Any) -> Run:
    wanted = request(number=1, **changes)
    return Run(
        id=id_,
        request=wanted,
        network=source(),
        stream="s-1",
        announcement=replace(announcement(), validation_rate=0.2, test_rate=0.3),
        attempt=2,
        began=0.0,
        created_at=0.0,
    )


def workload(of: Run) -> TrainingWorkload:
    return training_demands.builders([of], CLUSTERS)[training_demands.key(of)](("keras",))


def test_a_run_asks_for_the_nodes_and_the_memory_that_its_request_names() -> None:
    (wanted,) = training_demands.demands(
        [run(selector={"gpu": "yes"}, memory_bytes=5, gpu_memory_bytes=6, stale_after_s=9.0)], CLUSTERS
    )
    assert (wanted.key, wanted.kind, wanted.labels) == (("run/7", ""), TRAINING, {"gpu": "yes"})
    assert (wanted.memory_bytes, wanted.gpu_memory_bytes, wanted.stale_after_s) == (5, 6, 9.0)
    assert (wanted.replicas, wanted.slot) == (1, TRAINING)


def test_a_node_must_have_the_framework() -> None:
    keras, torch = run(), replace(run(), network=replace(source(), framework=Framework.TORCH))
    demands = [training_demands.demands([one], CLUSTERS)[0] for one in (keras, torch)]
    assert [one.can_run(("litert", "keras")) for one in demands] == [True, False]
    assert "backend torch" in demands[1].needs


def test_runs_of_one_request_require_the_same() -> None:
    first, second = training_demands.demands([run(1), run(2)], CLUSTERS)
    assert first.requirement == second.requirement


def test_runs_come_in_the_order_of_their_numbers_and_those_that_are_over_want_nothing() -> None:
    over = replace(run(1), state=RunState.FAILED)
    wanted = training_demands.demands([run(10), over, run(9)], CLUSTERS)
    assert [one.owner for one in wanted] == ["run/9", "run/10"]
    assert training_demands.builders([over], CLUSTERS) == {}


def test_a_workload_names_its_attempt_and_reads_from_one_cluster() -> None:
    built = workload(run())
    assert (built.id, built.run, built.attempt, built.model) == ("run.7", 7, 2, "small")
    assert built.clusters == (CLUSTERS["main"],)


def test_rates_are_the_streams_unless_the_request_has_its_own() -> None:
    assert workload(run()).rates == Rates(validation=0.2, test=0.3)
    assert workload(run(rates=Rates(validation=0.0, test=0.5))).rates == Rates(validation=0.0, test=0.5)


def test_a_run_whose_cluster_is_gone_waits_and_says_for_what() -> None:
    lost = run(cluster="gone")
    assert training_demands.demands([lost], CLUSTERS) == []
    assert training_demands.builders([lost], CLUSTERS) == {}
    assert (
        training_demands.waits_for(lost, CLUSTERS, {}) == "waits for cluster gone: there is none of this name, put it"
    )
