"""A network judged: at each exit, and as deployed where it is known which exit answers what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.judging.calibration import BINS
from agent.training.judging.deployed import WHOLE, Deployed, DeployedTally
from agent.training.judging.judgement import Judgement, JudgementTally, judgement_tally
from agent.training.judging.predictions import SUM_TOLERANCE
from agent.training.judging.verdicts import Verdicts, VerdictTally
from shared.documents.model import Task
from shared.documents.types import Message
from shared.errors import DocumentError


class Judgements(Message, frozen=True, kw_only=True):
    """`exits` in the order in which records meet them. `deployed` is null where no thresholds were given."""

    task: Task
    test_set: str
    records: int
    exits: tuple[Judgement, ...]
    deployed: Deployed | None = None
    verdicts: Verdicts | None = None

    def of(self, name: str) -> Judgement | None:
        """Of an exit, or of the network as deployed."""
        if name == WHOLE:
            return self.deployed.judgement if self.deployed else None
        return next((one for one in self.exits if one.exit == name), None)


@dataclass(slots=True, kw_only=True)
class JudgementsTally:
    """Adds up batches of all exits in bounded memory, in order. Of no more use once `add` has raised.

    `outputs`, `threshold`, `bins` and `tolerance` as for `judgement_tally`. `test_set` names the records and their
    order, such as the digest of a stream and its split; only runs judged on records of one name are compared in pairs.
    """

    exits: tuple[str, ...]
    task: Task
    outputs: int
    threshold: float | None = None
    bins: int = BINS
    tolerance: float = SUM_TOLERANCE
    test_set: str = ""
    records: int = field(default=0, init=False)
    _tallies: tuple[JudgementTally, ...] = field(init=False)
    _deployed: DeployedTally = field(init=False)
    _has_deployed: bool | None = field(default=None, init=False)
    _verdicts: VerdictTally = field(init=False)

    def __post_init__(self) -> None:
        if not self.exits or len(set(self.exits)) != len(self.exits) or WHOLE in self.exits:
            raise DocumentError(f"at least one exit, each name once and none called {WHOLE!r}", field="exits")
        self._tallies = tuple(self._tally() for _ in self.exits)
        self._deployed = DeployedTally(exits=self.exits, whole=self._tally())
        self._verdicts = VerdictTally(test_set=self.test_set)

    def _tally(self) -> JudgementTally:
        return judgement_tally(
            self.task, self.outputs, threshold=self.threshold, bins=self.bins, tolerance=self.tolerance
        )

    def add(
        self, outputs: Mapping[str, NDArray[Any]], truth: NDArray[Any], answered_by: NDArray[Any] | None = None
    ) -> None:
        """`outputs`: by exit, `[n, *exit]` each; `answered_by`: `[n]`, as `answering` gives it, or always None.

        Raises DocumentError of an exit missing or too many, and as the metrics do, with the exit in its field.
        """
        self._refuse_other_exits(outputs)
        self._refuse_change(answered_by is not None)
        right = [
            self._add(name, tally, outputs[name], truth) for name, tally in zip(self.exits, self._tallies, strict=True)
        ]
        verdicts = {name: rows for name, rows in zip(self.exits, right, strict=True) if rows is not None}
        if answered_by is not None:
            whole = self._deployed.add([outputs[name] for name in self.exits], truth, answered_by, right)
            verdicts |= {} if whole is None else {WHOLE: whole}
        self._verdicts.add(truth, verdicts)
        self.records += len(truth)

    @staticmethod
    def _add(name: str, tally: JudgementTally, outputs: NDArray[Any], truth: NDArray[Any]) -> NDArray[np.bool_] | None:
        try:
            return tally.add(outputs, truth)
        except DocumentError as error:
            raise DocumentError(error.reason, field=f"{name}.{error.field}") from error

    def _refuse_other_exits(self, outputs: Mapping[str, NDArray[Any]]) -> None:
        if set(outputs) != set(self.exits):
            raise DocumentError(f"exits {sorted(outputs)} where {sorted(self.exits)} are expected", field="outputs")

    def _refuse_change(self, has_deployed: bool) -> None:
        if self._has_deployed not in (None, has_deployed):
            raise DocumentError("given for some batches and not for others", field="answered_by")
        self._has_deployed = has_deployed

    def result(self) -> Judgements:
        """Raises DocumentError of no records."""
        return Judgements(
            task=self.task,
            test_set=self.test_set,
            records=self.records,
            exits=tuple(tally.judgement(name) for name, tally in zip(self.exits, self._tallies, strict=True)),
            deployed=self._deployed.result() if self._has_deployed else None,
            verdicts=self._verdicts.result(),
        )
