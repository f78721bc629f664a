"""What training runs want of the nodes: a demand for each that is not over, and the workload of its attempt. Pure."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial

from controlplane.fleet import Demand, Key
from controlplane.runs import Run
from shared.documents import Cluster, Framework, Rates
from shared.documents.training_workloads import TRAINING, TrainingWorkload


def owner(run: int) -> str:
    return f"run/{run}"


def workload_id(run: int) -> str:
    return f"run.{run}"


def key(run: Run) -> Key:
    return owner(run.id), ""


def demands(runs: Iterable[Run], clusters: Mapping[str, Cluster]) -> list[Demand]:
    """The oldest run first: where nodes are few, it has waited longest."""
    return [_demand(run) for run in sorted(runs, key=lambda run: run.id) if _can_be(run, clusters)]


def builders(
    runs: Iterable[Run], clusters: Mapping[str, Cluster]
) -> dict[Key, Callable[[tuple[str, ...]], TrainingWorkload]]:
    """Which backends a node has makes no difference to the workload."""
    return {key(run): partial(_build, run, clusters[run.request.cluster]) for run in runs if _can_be(run, clusters)}


def waits_for(run: Run, clusters: Mapping[str, Cluster], shortages: Mapping[Key, str]) -> str:
    """Why no node has it."""
    if run.request.cluster not in clusters:
        return f"waits for cluster {run.request.cluster}: there is none of this name, put it"
    return f"waits for a node: {shortages.get(key(run), 'none can take it')}"


def _can_be(run: Run, clusters: Mapping[str, Cluster]) -> bool:
    """What is over wants nothing, and what has nowhere to read from waits."""
    return not run.state.is_final and run.request.cluster in clusters


def _demand(run: Run) -> Demand:
    return Demand(
        owner=owner(run.id),
        kind=TRAINING,
        labels=run.request.selector,
        memory_bytes=run.request.memory_bytes,
        gpu_memory_bytes=run.request.gpu_memory_bytes,
        # Two runs on one node would take the cores from each other.
        slot=TRAINING,
        stale_after_s=run.request.stale_after_s,
        can_run=_trains(run.network.framework),
        needs=f"backend {run.network.framework.value}: install it there",
    )


@cache
def _trains(framework: Framework) -> Callable[[tuple[str, ...]], bool]:
    """One for all runs of a framework, so that placement sees that they require the same."""

    def can_run(backends: tuple[str, ...]) -> bool:
        return framework.value in backends

    return can_run


def _build(run: Run, cluster: Cluster, _backends: tuple[str, ...]) -> TrainingWorkload:
    request, announced = run.request, run.announcement
    return TrainingWorkload(
        id=workload_id(run.id),
        clusters=(cluster,),
        start_deadline_s=request.start_deadline_s,
        run=run.id,
        attempt=run.attempt,
        request=request.name,
        model=run.network.name,
        cluster=request.cluster,
        stream=run.stream,
        announcement=announced,
        announced_ms=run.announced_ms,
        network=run.network,
        task=request.task,
        classes=request.classes,
        labels=request.labels,
        parameters=request.parameters,
        rates=request.rates or Rates(validation=announced.validation_rate, test=announced.test_rate),
        split_seed=request.split_seed,
        most_rejected=request.most_rejected,
        export=request.export,
        start_from=run.start_from,
        pseudo_labels=request.pseudo_labels,
        online=request.online,
        threads=request.threads,
        memory_bytes=request.memory_bytes,
        gpu_memory_bytes=request.gpu_memory_bytes,
    )
