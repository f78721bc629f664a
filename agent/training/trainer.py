"""The way from a shelf to a judged network: one folder, one run, as many processes as it takes, one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from agent.training import results
from agent.training.events import Noticed
from agent.training.examination import judged, scores
from agent.training.exporting import task as export_task
from agent.training.exporting.foresight import require_exportable
from agent.training.fitting.checkpoints import checkpoints
from agent.training.fitting.departure import Departure
from agent.training.fitting.fit import Fitting
from agent.training.fitting.learners import learner
from agent.training.fitting.period import periods
from agent.training.fitting.progress import Done, Loaded, Phase, PhaseBegun, Said
from agent.training.fitting.standing import EpochScores, Standing
from agent.training.material import examples_of, guesses_of, pull_of, start_of
from agent.training.networks.network import Network
from agent.training.opening import Run, divided, held, loaded, opened
from agent.training.reading.batches import steps
from agent.training.reading.rates import Part
from agent.training.reading.split import Split
from agent.training.results import History, Results
from shared.documents import Description


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
        with held(self.folder):
            run = opened(self.folder)
            done = results.found(self.folder, run.name)
            if done is not None:
                self.said(Done(was_done=True, epochs=done.epochs, test=done.test))
                return
            done = self._trained(run)
            self.said(Done(was_done=False, epochs=done.epochs, test=done.test))

    def _trained(self, run: Run) -> Results:
        # 1. The network, and whether it fits the records and what is to be made of it.
        self.said(PhaseBegun(phase=Phase.LOADING))
        network, description = loaded(run)
        self.said(Loaded(exits=network.exits))
        if (order := export_task.found(self.folder)) is not None:
            require_exportable(order, description, task=run.task.task)
        # 2. Which records are for what.
        parts = self._split(run, description)
        # 3. Learn.
        fitting = self._fitting(run, network, parts)
        self.said(PhaseBegun(phase=Phase.FITTING))
        standing = fitting.fit()
        # 4. Be judged, and leave everything behind.
        self.said(PhaseBegun(phase=Phase.JUDGING))
        return self._written(run, description, parts, fitting, standing)

    def _split(self, run: Run, description: Description) -> Split:
        self.said(PhaseBegun(phase=Phase.SPLITTING))
        parts = divided(run, description)
        for absence in parts.absences:
            self.said(Noticed(text=str(absence)))
        return parts

    def _fitting(self, run: Run, network: Network, parts: Split) -> Fitting:
        given, inputs, guesses, pull = run.task.parameters, run.shelf.inputs.spec, guesses_of(run), pull_of(run)
        return Fitting(
            learners=lambda period, steps: learner(
                network, given, period, task=run.task.task, inputs=inputs, steps=steps, pull=pull
            ),
            periods=periods(given, network.exits, guesses.asked if guesses else None),
            examples=examples_of(run, parts),
            guesses=guesses,
            start=start_of(run),
            parameters=given,
            checkpoints=checkpoints(
                self.folder / "checkpoints", run=run.name, damaged=lambda text: self.said(Noticed(text=text))
            ),
            departure=self.departure,
            clock=self.clock,
            said=self.said,
            say_every_s=run.task.progress_every_s,
        )

    def _written(
        self, run: Run, description: Description, parts: Split, fitting: Fitting, standing: Standing
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
            records=len(parts.rows[Part.TRAINING]),
            steps=len(standing.epochs) * steps(len(parts.rows[Part.TRAINING]), run.task.parameters.batch),
            validation=_last(run, standing).validation,
        )


def _last(run: Run, standing: Standing) -> EpochScores:
    """The epoch whose weights count."""
    best = standing.best if run.task.parameters.early_stopping is not None else None
    return standing.epochs[-1 if best is None else best]
