"""What becomes of one window: it judges, then it trains, then it is done with.

A run that was killed goes on as if it had not been, to the bit on one kind of processor: every window is learnt from
exactly once, in its order, by steps that depend on the seed, the window and what the checkpoint holds.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.checkpoints import Checkpoint, Checkpoints
from agent.training.events import Noticed
from agent.training.fitting.augmentation import Augment
from agent.training.fitting.departure import DepartedError, Departure
from agent.training.fitting.examples import Examples
from agent.training.fitting.learner import Arrays, Learner
from agent.training.fitting.period import Period
from agent.training.online import lessons
from agent.training.online.events import Drifted, OnlineSaid, Published, WindowLearnt
from agent.training.online.judging import Verdict, judged
from agent.training.online.page_hinkley import watched
from agent.training.online.publishing import Judged, is_better
from agent.training.online.standing import OnlineStanding
from agent.training.online.windows import FIRST, Window
from shared.documents import Task, TrainingParameters
from shared.documents.training import Online
from shared.errors import ModelError

Publish = Callable[[OnlineStanding, Window, Examples], None]


@dataclass(slots=True, kw_only=True)
class OnlineFitting:
    """`classes`: numbers the last exit gives. `publish` leaves the learner's weights on the disk, however often.

    `clock`: seconds, monotonic.
    """

    learner: Learner
    period: Period
    parameters: TrainingParameters
    online: Online
    task: Task
    classes: int
    most_rejected: float
    checkpoints: Checkpoints[OnlineStanding]
    publish: Publish
    departure: Departure
    clock: Callable[[], float]
    said: OnlineSaid
    augment: Augment | None = None
    standing: OnlineStanding = field(default_factory=OnlineStanding, init=False)
    _published: Arrays = field(default_factory=dict, init=False)

    def resume(self, found: Checkpoint[OnlineStanding] | None, start: Mapping[str, NDArray[Any]] | None = None) -> None:
        """Where the checkpoint was, or at the beginning, which is what the first version must be better than."""
        if found is not None:
            self.learner.restore(found.learner)
            self.standing, self._published = found.standing, found.beside
            return
        if start is not None:
            self.learner.restore_weights(start)
        self._published = self.learner.weights()

    def learn_from(self, window: Window) -> int:
        """The first window that may be needed again. On return this one is learnt from, whatever happens.

        Raises ModelError, DocumentError for labels that are no class, DepartedError when asked to leave, StorageError.
        """
        with self.departure.deferred():
            window, given = self._sound(window)
            # 1. Both the network and the version that is out are judged by what neither has learnt from.
            verdict = self._judge(given)
            # 2. What was judged is what is published.
            if is_better(self.standing.judged, windows=self.online.judged_windows, margin=self.online.margin):
                self._publish(window, given)
            # 3. Only now it learns from the window.
            began = self.clock()
            training = self._learn(given)
            # 4. From here on the window is done with.
            self.standing = self.standing.after_learning(training, verdict.scores)
            needed = self._save()
            self._say(window, verdict, training, self.clock() - began)
            return needed

    def _sound(self, window: Window) -> tuple[Window, Examples]:
        found, bad = lessons.sound(window, task=self.task, classes=self.classes, most_rejected=self.most_rejected)
        if bad:
            self.said(Noticed(text=f"{bad} labels of window {window.head.number} are no class"))
        weighted = self.parameters.class_weights
        return found, lessons.examples(
            found, task=self.task, classes=self.classes, class_weights=weighted, augment=self.augment
        )

    def _judge(self, given: Examples) -> Verdict:
        batch, importance = self.parameters.batch, self.period.importance
        verdict = judged(self.learner, given, batch=batch, importance=importance)
        current = self.learner.weights()
        self.learner.restore_weights(self._published)
        published = judged(self.learner, given, batch=batch, importance=importance)
        self.learner.restore_weights(current)
        drift, seen = watched(self.standing.drift, verdict.errors.tolist())
        if seen is not None:
            self.said(Drifted(window=self.standing.window, record=seen))
        self.standing = self.standing.after_judging(
            Judged(trained=verdict.loss, published=published.loss), drift, keep=self.online.judged_windows
        )
        return verdict

    def _publish(self, window: Window, given: Examples) -> None:
        self.standing, self._published = self.standing.after_publishing(), self.learner.weights()
        self.publish(self.standing, window, given)
        self.said(Published(number=self.standing.published, window=window.head.number))

    def _learn(self, given: Examples) -> dict[str, float]:
        exits, number = self.period.exits, self.standing.window
        total = np.zeros(len(exits))
        for lesson in given.shuffled(
            batch=self.parameters.batch, seed=self.parameters.seed, epoch=number, start_step=0
        ):
            losses = self.learner.learn(*lesson)
            if not np.isfinite(losses).all():
                raise self._diverged(f"the loss of exit {exits[int(np.argmin(np.isfinite(losses)))]!r} is no number")
            total += losses * len(lesson[1])
            if self.departure.asked:
                raise DepartedError(f"asked to leave in window {number}: it will be learnt from again, from its start")
        return dict(zip(exits, (total / len(given.training)).tolist(), strict=True))

    def _save(self) -> int:
        variables = self.learner.variables()
        for name, array in variables.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise self._diverged(f"{name} is no longer finite")
        checkpoint = Checkpoint(standing=self.standing, learner=variables, beside=self._published)
        before = self.checkpoints.save(checkpoint, number=self.standing.window)
        return FIRST if before is None else before

    def _say(self, window: Window, verdict: Verdict, training: dict[str, float], took_s: float) -> None:
        self.said(
            WindowLearnt(
                window=window.head.number,
                records=len(window.inputs),
                records_per_s=len(window.inputs) / max(took_s, 1e-9),
                scores=verdict.scores,
                training=training,
            )
        )

    def _diverged(self, what: str) -> ModelError:
        return ModelError(
            f"{what} in window {self.standing.window}: lower the learning rate, scale the inputs within the network, "
            "or look for values in the stream that are none"
        )
