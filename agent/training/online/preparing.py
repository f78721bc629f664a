"""An online run's folder made ready for its processes."""

import os
from pathlib import Path

from agent.training.exporting import task as exporting
from agent.training.exporting.task import ExportTask
from agent.training.online import task
from agent.training.online.task import OnlineTask
from agent.training.running.preparing import source_name
from agent.training.task import TierSource, TrainingTask
from shared.documents import encode
from shared.documents.training_workloads import TrainingWorkload
from shared.storage import replace_file


def place_task(folder: Path, document: TrainingWorkload, weights: Path | None) -> None:
    """Raises StorageError."""
    announcement = document.announcement
    assert announcement.open_topic is not None  # noqa: S101 - what has an end is no online run
    made = OnlineTask(
        topic=announcement.open_topic,
        announced_ms=document.announced_ms,
        input=announcement.input,
        online=document.online,
        most_rejected=document.most_rejected,
        training=_training(folder, document),
        start_from=None if weights is None else str(weights),
    )
    export = ExportTask(model=document.model, labels=document.labels, export=document.export)
    replace_file(folder / task.FILE, encode(made))
    replace_file(folder / exporting.FILE, encode(export))


def _training(folder: Path, document: TrainingWorkload) -> TrainingTask:
    sources = document.network.files
    whole = len(sources) == 1
    return TrainingTask(
        shelf="",
        source=source_name(sources[0])
        if whole
        else tuple(TierSource(tier=one.tier or "", file=source_name(one)) for one in sources),
        framework=document.network.framework,
        task=document.task,
        classes=document.classes,
        parameters=document.parameters,
        split_seed=document.split_seed,
        threads=document.threads or _threads(folder),
    )


def _threads(folder: Path) -> int:
    """The same for every process of the run: another number rounds sums otherwise, and the result is another."""
    if (folder / task.FILE).is_file():
        return task.read(folder).training.threads or 1
    return len(os.sched_getaffinity(0))
