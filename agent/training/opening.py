"""A run's folder opened: its task, its records and its network, the same for every process that works on the run."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent import checked_file
from agent.training import task
from agent.training.fitness import require_fit
from agent.training.networks.network import Network
from agent.training.networks.source import Sources, load_sources
from agent.training.reading.shelf import Shelf
from agent.training.reading.split import Split, split
from agent.training.task import TrainingTask
from shared.documents import Description, Task
from shared.errors import BusyError
from shared.storage import storage_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """`name`: as `run_name` has it, `records`: as `records_name`."""

    folder: Path
    task: TrainingTask
    shelf: Shelf
    sources: Sources
    records: str
    name: str


def opened(folder: Path) -> Run:
    """Raises ModelError without a source, DocumentError for the task, StorageError."""
    given = task.read(folder)
    shelf, sources = folder / given.shelf, task.sources(folder, given)
    content = task.source_content(sources)
    found = Shelf.open(shelf)
    records = task.records_name(shelf, found, given)
    return Run(
        folder=folder,
        task=given,
        shelf=found,
        sources=sources,
        records=records,
        name=task.run_name(given, content, records, task.more_materials(folder, given)),
    )


def loaded(run: Run) -> tuple[Network, Description]:
    """The network as the user wrote it, which fits the records. Raises ModelError, DocumentError, UnavailableError."""
    network = load_sources(run.sources, run.task.framework, seed=run.task.parameters.seed, threads=threads(run))
    description = network.described()
    inputs, labels = run.shelf.inputs.spec, run.shelf.labels.spec
    require_fit(description, inputs=inputs, labels=labels, task=run.task.task, classes=run.task.classes)
    return network, description


def divided(run: Run, description: Description) -> Split:
    """Which records are for what; the same whenever it is asked. Raises DocumentError for a label that is no class."""
    classes = description.exits[-1].output.elements if run.task.task is Task.CLASSIFICATION else None
    return split(
        run.shelf.labels, run.folder / "split", classes=classes, rates=run.task.rates, seed=run.task.split_seed
    )


def threads(run: Run) -> int:
    """The same for every process of the run: another number rounds sums otherwise, and the result is another."""
    path = run.folder / "threads"
    with suppress(checked_file.DamagedFileError):
        content = checked_file.read(path)
        if content is not None:
            return int(content)
    number = run.task.threads or len(os.sched_getaffinity(0))
    checked_file.write(path, str(number).encode())
    return number


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """By one process at a time; raises BusyError. The kernel frees the lock with the process, however that ends."""
    with storage_errors(folder):
        lock = (folder / "lock").open("ab")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"{folder} is being trained in by another process") from error
        yield
