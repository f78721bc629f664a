"""The network, loaded once, and the records it is judged on: question after question."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np

from agent.federation.judging.words import (
    INITIAL,
    JUDGED,
    AnyQuestion,
    Begin,
    Begun,
    Conclude,
    Concluded,
    Judge,
    Judged,
)
from agent.federation.wire.tensors import from_bytes, to_bytes
from agent.training import array_file, results, task
from agent.training.events import Noticed
from agent.training.examination import judged, scores
from agent.training.exporting import task as export_task
from agent.training.exporting.foresight import require_exportable
from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Arrays, Learner
from agent.training.fitting.learners import learner
from agent.training.fitting.period import periods
from agent.training.fitting.scores import Score, ScoresTally
from agent.training.material import examples_of
from agent.training.networks.network import Network
from agent.training.networks.source import load_sources
from agent.training.opening import Run, divided, loaded, opened
from agent.training.reading.rates import Part
from agent.training.reading.split import Split
from agent.training.results import History
from shared.documents import Description
from shared.storage import replace_file, storage_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class _Court:
    """What it takes to judge."""

    run: Run
    network: Network
    description: Description
    parts: Split
    examples: Examples
    learner: Learner

    def scores(self) -> dict[str, Score]:
        """On the validation part where there is one: what steers a federation is no measure of its last model."""
        tally = ScoresTally(self.learner.exits, self.run.task.task)
        rows = self.parts.rows
        part = rows[Part.VALIDATION] if len(rows[Part.VALIDATION]) else rows[Part.TEST]
        for inputs, truth in self.examples.in_order(part, batch=self.run.task.parameters.batch):
            tally.add(self.learner.answers(inputs), truth)
        return tally.result()


@dataclass(kw_only=True)
class Bench:
    """Raises ModelError for the network, DocumentError, UnlikeError, StorageError, UnavailableError."""

    folder: Path
    said: Callable[[msgspec.Struct], None]

    def sit(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            match msgspec.json.decode(line, type=AnyQuestion):
                case Begin():
                    replace_file(self.folder / INITIAL, to_bytes(self._initial()))
                    self.said(Begun())
                case Judge(round=round_):
                    self._take_over()
                    self.said(Judged(round=round_, metrics=dict(metrics(self._court.scores()))))
                case Conclude():
                    self._take_over()
                    self._conclude()
                    self.said(Concluded())

    def _initial(self) -> Arrays:
        """Those that take part: float32, and nothing that is counted."""
        given = task.read(self.folder)
        found = self._network(given).weights()
        if given.start_from is not None:
            found |= array_file.read(self.folder / given.start_from)
        return {name: one for name, one in found.items() if one.dtype == np.float32}

    def _network(self, given: task.TrainingTask) -> Network:
        if given.shelf:
            return self._court.network
        sources = task.sources(self.folder, given)
        return load_sources(sources, given.framework, seed=given.parameters.seed, threads=given.threads)

    def _take_over(self) -> None:
        path = self.folder / JUDGED
        with storage_errors(path):
            raw = path.read_bytes()
        court = self._court
        court.learner.restore_weights({**court.learner.weights(), **from_bytes(raw)})

    @cached_property
    def _court(self) -> _Court:
        run = opened(self.folder)
        network, description = loaded(run)
        if (order := export_task.found(self.folder)) is not None:
            require_exportable(order, description, task=run.task.task)
        parts = divided(run, description)
        for absence in parts.absences:
            self.said(Noticed(text=f"evaluation: {absence}"))
        given = run.task.parameters
        judge = learner(
            network,
            given,
            periods(given, network.exits)[0],
            task=run.task.task,
            inputs=run.shelf.inputs.spec,
            steps=1,
        )
        return _Court(
            run=run,
            network=network,
            description=description,
            parts=parts,
            examples=examples_of(run, parts),
            learner=judge,
        )

    def _conclude(self) -> None:
        court = self._court
        judgements = judged(
            court.learner,
            court.examples,
            court.parts.rows[Part.TEST],
            outputs=court.description.exits[-1].output.elements,
            test_set=court.run.records,
            batch=court.run.task.parameters.batch,
        )
        results.write(
            self.folder,
            court.run.name,
            weights=court.learner.weights(),
            description=court.description,
            judgements=judgements,
            history=History(exits=court.learner.exits, epochs=(), best=None),
            test=scores(judgements),
        )


def metrics(found: dict[str, Score]) -> Iterator[tuple[str, float]]:
    """As a federation's stop names them; JSON knows only numbers that are finite."""
    for exit, score in found.items():
        for name, value in (("accuracy", score.accuracy), ("loss", score.loss)):
            if value is not None and math.isfinite(value):
                yield f"{exit}/{name}", value
