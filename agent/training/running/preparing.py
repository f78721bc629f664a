"""A run's folder made ready for its processes: the network's files, what the trainer and the exporter are to do."""

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from agent.training.exporting import task as exporting
from agent.training.exporting.task import ExportTask
from agent.training.task import FILE, TierSource, TrainingTask
from shared.documents import SourceFile, encode
from shared.documents.training_workloads import TrainingWorkload
from shared.storage import replace_file, storage_errors

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\.py")


def source_name(one: SourceFile) -> str:
    """As its author calls it, for that is what complaints speak of, where this is a name and no path."""
    name = one.file if _FILE_NAME.fullmatch(one.file) else "network.py"
    return name if one.tier is None else f"{one.tier}/{name}"


def place_sources(folder: Path, fetched: Mapping[SourceFile, Path]) -> None:
    """Copies: what a network's code does to its own file must not become of the node's. Raises StorageError."""
    for one, path in fetched.items():
        place = folder / source_name(one)
        with storage_errors(place):
            place.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.copyfile(path, place)


def task_source(files: Sequence[SourceFile]) -> str | tuple[TierSource, ...]:
    """As a task names what `place_sources` has placed."""
    if len(files) == 1:
        return source_name(files[0])
    return tuple(TierSource(tier=one.tier or "", file=source_name(one)) for one in files)


def place_tasks(folder: Path, document: TrainingWorkload, *, shelves: tuple[Path, ...], weights: Path | None) -> None:
    """`shelves`: as `shelf_places` has them. Raises StorageError."""
    labelled, *unlabelled = map(str, shelves)
    training = TrainingTask(
        shelf=labelled,
        source=task_source(document.network.files),
        framework=document.network.framework,
        task=document.task,
        classes=document.classes,
        parameters=document.parameters,
        rates=document.rates,
        split_seed=document.split_seed,
        start_from=None if weights is None else str(weights),
        unlabelled=unlabelled[0] if unlabelled else None,
        pseudo_labels=document.pseudo_labels if unlabelled else None,
        threads=document.threads,
    )
    export = ExportTask(model=document.model, labels=document.labels, export=document.export)
    replace_file(folder / FILE, encode(training))
    replace_file(folder / exporting.FILE, encode(export))
