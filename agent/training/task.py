"""What one trainer is to do, as it stands in its folder, and what makes two runs the same run."""

from collections.abc import Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Annotated

import msgspec

from agent.training.networks.source import Sources
from agent.training.reading import manifest
from agent.training.reading.shelf import Shelf
from shared.documents import Framework, PseudoLabels, Rates, Task, TrainingParameters, decode, digest, encode
from shared.documents.types import Count, Message, Name
from shared.errors import DocumentError, ModelError
from shared.storage import storage_errors

FILE = "task.json"
_BLOCK_ROWS = 2**17


class TierSource(Message, frozen=True, kw_only=True):
    """One file of a chain."""

    tier: Name
    file: str


class PullTask(Message, frozen=True, kw_only=True):
    """What a federation adds to the loss: see `fitting.pull`. `along`: a file of weights, as a run leaves them."""

    proximal: Annotated[float, msgspec.Meta(ge=0)] = 0.0
    along: str | None = None


class TrainingTask(Message, frozen=True, kw_only=True):
    """`shelf`: a folder, relative to the task's folder unless absolute, as are all files and folders named here.

    `source`: the file of the whole network, or those of a chain, the sensor's tier first.
    `classes`: as the stream has them; null: as many as the network has. `split_seed` is not the seed of training: runs
    that are to be compared share their test set. `start_from`: a file of weights to begin with, as a run leaves it.
    `pull`: towards those weights. `unlabelled`: a shelf whose labels say nothing, for `pseudo_labels`; each without the
    other does nothing.
    `threads`: that one operation is shared among; null: as many as the first process has cores. `progress_every_s`:
    single steps are told of no more often.
    """

    shelf: str
    source: str | Annotated[tuple[TierSource, ...], msgspec.Meta(min_length=1)]
    framework: Framework = Framework.KERAS
    task: Task = Task.CLASSIFICATION
    classes: Count | None = None
    parameters: TrainingParameters = TrainingParameters()
    rates: Rates = Rates()
    split_seed: int = 0
    start_from: str | None = None
    pull: PullTask | None = None
    unlabelled: str | None = None
    pseudo_labels: PseudoLabels | None = None
    threads: Count | None = None
    progress_every_s: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0

    def __post_init__(self) -> None:
        tiers = [] if isinstance(self.source, str) else [one.tier for one in self.source]
        if len(set(tiers)) != len(tiers):
            raise ValueError("`source` names a tier twice")
        if self.pull is not None and self.start_from is None:
            raise ValueError("`pull` is towards the weights of `start_from`: name them")


def read(folder: Path) -> TrainingTask:
    """Raises DocumentError, StorageError."""
    path = folder / FILE
    with storage_errors(path):
        content = path.read_bytes()
    try:
        return decode(content, TrainingTask)
    except DocumentError as error:
        raise DocumentError(f"{error.reason} ({path})", field=error.field) from error


def sources(folder: Path, task: TrainingTask) -> Sources:
    if isinstance(task.source, str):
        return folder / task.source
    return {one.tier: folder / one.file for one in task.source}


def source_content(sources: Sources) -> bytes:
    """The file's, or what stands for the tiers and files of a chain. Raises ModelError, StorageError."""
    if isinstance(sources, Path):
        return _content(sources)
    return encode([[tier, sha256(_content(file)).hexdigest()] for tier, file in sources.items()])


def _content(file: Path) -> bytes:
    if not file.is_file():
        raise ModelError(f"{file}: no such file")
    with storage_errors(file):
        return file.read_bytes()


def records_name(folder: Path, shelf: Shelf, task: TrainingTask) -> str:
    """Names the records of the split and their order: where they come from, their labels, how they were divided."""
    labels = sha256()
    for start in range(0, len(shelf), _BLOCK_ROWS):
        labels.update(shelf.labels[start : start + _BLOCK_ROWS].tobytes())
    return digest([manifest.load(folder), labels.hexdigest(), task.task, task.rates, task.split_seed])


def more_materials(folder: Path, task: TrainingTask) -> dict[str, str]:
    """Names of what a run depends on besides its source and its labelled records. Raises StorageError."""
    files = {"start_from": task.start_from, "along": task.pull.along if task.pull else None}
    named = {what: _file_digest(folder / file) for what, file in files.items() if file is not None}
    if task.unlabelled is not None:
        named["unlabelled"] = digest([manifest.load(folder / task.unlabelled)])
    return named


def _file_digest(path: Path) -> str:
    with storage_errors(path), path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def run_name(task: TrainingTask, source: bytes, records: str, more: Mapping[str, str]) -> str:
    """The same for whatever must give the same result. `records`, `more`: as `records_name`, `more_materials` say."""
    parameters = msgspec.structs.replace(task.parameters, checkpoint_every_s=0.0)
    alike = msgspec.structs.replace(
        task,
        shelf="",
        source="",
        start_from=None if task.start_from is None else "",
        pull=task.pull and msgspec.structs.replace(task.pull, along=None),
        unlabelled=None,
        parameters=parameters,
        progress_every_s=0.0,
    )
    return digest([alike, sha256(source).hexdigest(), records, more])
