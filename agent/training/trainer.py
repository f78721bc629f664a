"""The way from a shelf to a judged network: one folder, one run, as many processes as it takes, one at a time."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from agent import checked_file
from agent.training import results, task
from agent.training.examination import judged, scores
from agent.training.fitness import require_fit
from agent.training.fitting.checkpoints import Checkpoints
from agent.training.fitting.departure import Departure
from agent.training.fitting.examples import Examples
from agent.training.fitting.fit import Fitting
from agent.training.fitting.importance import class_importance
from agent.training.fitting.learners import learner
from agent.training.fitting.progress import Done, Noticed, Phase, PhaseBegun, Said
from agent.training.fitting.standing import Standing
from agent.training.networks.network import Network
from agent.training.networks.source import load
from agent.training.reading.batches import steps
from agent.training.reading.rates import PARTS, Part
from agent.training.reading.shelf import Shelf
from agent.training.reading.split import Split, split
from agent.training.results import History, Results
from agent.training.task import TrainingTask
from shared.documents import Description, Task
from shared.errors import BusyError, ModelError
from shared.storage import storage_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """`name`: as `run_name` has it, `records`: as `records_name`."""

    task: TrainingTask
    shelf: Shelf
    source: Path
    records: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trainer:
    """`clock`: seconds, monotonic."""

    folder: Path
    said: Said
    departure: Departure
    clock: Callable[[], float]

    def train(self) -> None:
        """To the end, or say that it was reached before.

        Raises ModelError for the network, DocumentError for the task or the stream, DepartedError when asked to leave,
        BusyError while another process does the same, StorageError, UnavailableError.
        """
        with _held(self.folder):
            run = self._opened()
            done = results.found(self.folder, run.name)
            if done is not None:
                self.said(Done(was_done=True, epochs=done.epochs, test=done.test))
                return
            done = self._trained(run)
            self.said(Done(was_done=False, epochs=done.epochs, test=done.test))

    def _trained(self, run: _Run) -> Results:
        # 1. The network, and whether it fits the records.
        network, description = self._loaded(run)
        # 2. Which records are for what.
        parts = self._split(run, description)
        # 3. Learn.
        fitting = self._fitting(run, network, parts)
        self.said(PhaseBegun(phase=Phase.FITTING))
        standing = fitting.fit()
        # 4. Be judged, and leave everything behind.
        self.said(PhaseBegun(phase=Phase.JUDGING))
        return self._written(run, description, parts, fitting, standing)

    def _opened(self) -> _Run:
        given = task.read(self.folder)
        shelf, source = self.folder / given.shelf, self.folder / given.source
        if not source.is_file():
            raise ModelError(f"{source}: no such file")
        with storage_errors(source):
            content = source.read_bytes()
        opened = Shelf.open(shelf)
        records = task.records_name(shelf, opened, given)
        return _Run(
            task=given, shelf=opened, source=source, records=records, name=task.run_name(given, content, records)
        )

    def _loaded(self, run: _Run) -> tuple[Network, Description]:
        self.said(PhaseBegun(phase=Phase.LOADING))
        threads = self._threads(run.task)
        network = load(run.source, run.task.framework, seed=run.task.parameters.seed, threads=threads)
        description = network.described()
        inputs, labels = run.shelf.inputs.spec, run.shelf.labels.spec
        require_fit(description, inputs=inputs, labels=labels, task=run.task.task, classes=run.task.classes)
        return network, description

    def _threads(self, given: TrainingTask) -> int:
        """The same for every process of the run: another number rounds sums otherwise, and the result is another."""
        path = self.folder / "threads"
        with suppress(checked_file.DamagedFileError):
            content = checked_file.read(path)
            if content is not None:
                return int(content)
        threads = given.threads or len(os.sched_getaffinity(0))
        checked_file.write(path, str(threads).encode())
        return threads

    def _split(self, run: _Run, description: Description) -> Split:
        self.said(PhaseBegun(phase=Phase.SPLITTING))
        classes = description.exits[-1].output.elements if run.task.task is Task.CLASSIFICATION else None
        parts = split(
            run.shelf.labels, self.folder / "split", classes=classes, rates=run.task.rates, seed=run.task.split_seed
        )
        for absence in parts.absences:
            self.said(Noticed(text=str(absence)))
        return parts

    def _fitting(self, run: _Run, network: Network, parts: Split) -> Fitting:
        given = run.task.parameters
        counts = parts.counts[:, PARTS.index(Part.TRAINING)]
        examples = Examples(
            rows=run.shelf,
            training=parts.rows[Part.TRAINING],
            validation=parts.rows[Part.VALIDATION],
            task=run.task.task,
            importance=class_importance(counts) if given.class_weights else None,
        )
        total = given.epochs * steps(len(examples.training), given.batch)
        return Fitting(
            learner=learner(network, given, task=run.task.task, inputs=run.shelf.inputs.spec, steps=total),
            examples=examples,
            parameters=given,
            checkpoints=Checkpoints(
                self.folder / "checkpoints", run=run.name, damaged=lambda text: self.said(Noticed(text=text))
            ),
            departure=self.departure,
            clock=self.clock,
            said=self.said,
            say_every_s=run.task.progress_every_s,
        )

    def _written(
        self, run: _Run, description: Description, parts: Split, fitting: Fitting, standing: Standing
    ) -> Results:
        judgements = judged(
            fitting.learner,
            fitting.examples,
            parts.rows[Part.TEST],
            outputs=description.exits[-1].output.elements,
            test_set=run.records,
            batch=run.task.parameters.batch,
        )
        return results.write(
            self.folder,
            run.name,
            weights=fitting.learner.weights(),
            description=description,
            judgements=judgements,
            history=History(exits=fitting.learner.exits, epochs=standing.epochs, best=standing.best),
            test=scores(judgements),
        )


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """The kernel frees the lock with the process, however that ends."""
    with storage_errors(folder):
        lock = (folder / "lock").open("ab")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(f"{folder} is being trained in by another process") from error
        yield
