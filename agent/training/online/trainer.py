"""An online run in this process: opened, gone on with where the last process stopped, until somebody asks to leave."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec

from agent.training import array_file
from agent.training import task as run_task
from agent.training.checkpoints import Checkpoints
from agent.training.events import Noticed
from agent.training.exporting import task as export_task
from agent.training.exporting.foresight import require_exportable
from agent.training.fitness import require_fit
from agent.training.fitting.augmentation import augmentation
from agent.training.fitting.departure import Departure
from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Learner
from agent.training.fitting.learners import learner
from agent.training.fitting.period import periods
from agent.training.fitting.progress import Loaded, Phase, PhaseBegun
from agent.training.fitting.rehearsal import rehearse
from agent.training.networks.source import Sources, load_sources
from agent.training.online import lessons, publications, task, windows
from agent.training.online.checkpoints import checkpoints
from agent.training.online.events import OnlineSaid
from agent.training.online.fitting import OnlineFitting
from agent.training.online.standing import OnlineStanding
from agent.training.online.task import OnlineTask
from agent.training.online.windows import FIRST, Trained, Window
from agent.training.opening import held
from shared.documents import Approach, Description, Schedule, TrainingParameters
from shared.errors import DocumentError, StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineTrainer:
    """One process in a folder at a time. `idle` returns after a while in which another window may have come.

    `clock`: seconds, monotonic.
    """

    folder: Path
    said: OnlineSaid
    departure: Departure
    clock: Callable[[], float]
    idle: Callable[[], None]

    def train(self) -> None:
        """Until it is left. Raises ModelError for the network, DocumentError for the task or the stream, DepartedError
        when asked to leave, BusyError while another process does the same, StorageError, UnavailableError.
        """
        with held(self.folder):
            fitting = self._opened(task.read(self.folder))
            self.said(PhaseBegun(phase=Phase.FITTING))
            while True:
                needed = fitting.learn_from(self._next(fitting.standing.window))
                windows.say_trained(self.folder, Trained(window=fitting.standing.window, needed=needed))

    def _opened(self, given: OnlineTask) -> OnlineFitting:
        sources = run_task.sources(self.folder, given.training)
        name = task.run_name(given, run_task.source_content(sources))
        kept = checkpoints(self.folder / "checkpoints", run=name, damaged=self._notice)
        found = kept.newest()
        fitting = self._prepared(given, sources, kept, self._next(found.standing.window if found else FIRST))
        start = None if given.start_from is None else array_file.read(self.folder / given.start_from)
        fitting.resume(found, start)
        return fitting

    def _prepared(
        self, given: OnlineTask, sources: Sources, kept: Checkpoints[OnlineStanding], window: Window
    ) -> OnlineFitting:
        """`window` shows what records are."""
        self.said(PhaseBegun(phase=Phase.LOADING))
        run, parameters = given.training, self._endless(given.training.parameters)
        network = load_sources(sources, run.framework, seed=parameters.seed, threads=run.threads)
        description = network.described()
        self.said(Loaded(exits=network.exits))
        inputs, labels = window.specs
        require_fit(description, inputs=inputs, labels=labels, task=run.task, classes=run.classes)
        if (order := export_task.found(self.folder)) is not None:
            require_exportable(order, description, task=run.task)
        (period,) = periods(parameters, network.exits)
        learns = learner(network, parameters, period, task=run.task, inputs=inputs, steps=1)
        classes = description.exits[-1].output.elements
        rehearse(learns, lessons.examples(window, task=run.task, classes=classes))
        return OnlineFitting(
            learner=learns,
            period=period,
            parameters=parameters,
            online=given.online,
            task=run.task,
            classes=classes,
            most_rejected=given.most_rejected,
            checkpoints=kept,
            publish=partial(self._publish, given, learns, description),
            departure=self.departure,
            clock=self.clock,
            said=self.said,
            augment=augmentation(sources) if isinstance(sources, Path) else None,
        )

    def _publish(
        self,
        given: OnlineTask,
        learner: Learner,
        description: Description,
        standing: OnlineStanding,
        window: Window,
        examples: Examples,
    ) -> None:
        publications.publish(
            self.folder,
            standing.published,
            training=given.training,
            topic=given.topic,
            window=window,
            learner=learner,
            examples=examples,
            description=description,
            curve=standing.windows,
        )

    def _endless(self, given: TrainingParameters) -> TrainingParameters:
        """What needs an end to be reckoned from is left out, and said."""
        if given.approach is not Approach.JOINT:
            raise DocumentError("an online run trains all exits together: leave it out", field="parameters.approach")
        optimiser = given.optimiser
        if optimiser.schedule is not Schedule.CONSTANT:
            self._notice(f"the learning rate stays at {optimiser.learning_rate:g}: a schedule needs an end")
            optimiser = msgspec.structs.replace(optimiser, schedule=Schedule.CONSTANT)
        return msgspec.structs.replace(given, optimiser=optimiser)

    def _next(self, number: int) -> Window:
        """Waits for it. Raises StorageError where it is gone."""
        while number not in (there := windows.numbers(self.folder)):
            if there and there[-1] > number:
                raise StorageError(f"{self.folder}: window {number} is gone; remove the folder to begin anew")
            self.idle()
        return windows.read(self.folder, number)

    def _notice(self, text: str) -> None:
        self.said(Noticed(text=text))
