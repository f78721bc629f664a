"""What a site's trainer is to do in one update. Pure."""

from collections.abc import Mapping
from pathlib import Path

from msgspec.structs import replace

from agent.federation.aggregation.strategy import Local
from agent.federation.participant.journal import Underway
from agent.training.reading.permutation import derived_seed
from agent.training.running.preparing import task_source
from agent.training.task import PullTask, TrainingTask
from shared.documents import Rates, TrainingParameters, digest
from shared.documents.federation_workloads import ParticipantWorkload


def training_task(
    document: ParticipantWorkload, underway: Underway, local: Local, *, shelf: Path, base: Path, along: Path
) -> TrainingTask:
    federation = document.federation
    is_pulled = bool(local.proximal or local.controls)
    return TrainingTask(
        shelf=str(shelf),
        source=task_source(document.network.files),
        framework=document.network.framework,
        task=federation.task,
        classes=federation.classes,
        parameters=_parameters(federation.parameters, underway.base),
        rates=Rates(validation=underway.validation, test=underway.test),
        split_seed=federation.split_seed,
        start_from=str(base),
        pull=PullTask(proximal=local.proximal, along=str(along) if local.controls else None) if is_pulled else None,
        threads=federation.threads,
    )


def work(document: ParticipantWorkload) -> str:
    """Names all that decides what an update comes to besides its model and its records."""
    federation = document.federation
    return digest(
        [
            document.edition,
            document.network,
            federation.strategy,
            federation.task,
            federation.classes,
            federation.parameters,
            federation.split_seed,
            federation.most_rejected,
            federation.encoding,
            federation.privacy,
            federation.metrics,
        ]
    )


def metrics(named: tuple[str, ...], scores: Mapping[str, Mapping[str, float | None]]) -> dict[str, float]:
    """Of `scores` by exit those that a federation names, as `cloud/loss`; and nothing else leaves a site."""
    found = {name: scores.get(exit, {}).get(what) for name in named for exit, what in [name.split("/")]}
    return {name: value for name, value in found.items() if value is not None}


def _parameters(given: TrainingParameters, base: int) -> TrainingParameters:
    """An order of records of its own for each update: the same each time would favour those that come last."""
    return replace(given, seed=derived_seed(given.seed, "update", base) % 2**32)
