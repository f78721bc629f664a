"""The network as deployed: each record is answered by the first exit that is sure enough, and by the last otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from agent.inference.exits import decide
from agent.training.judging.judgement import Judgement, JudgementTally
from shared.documents.deployment import ExitPolicy
from shared.documents.model import Task
from shared.documents.types import Message
from shared.errors import DocumentError

WHOLE = "deployed"


class Leaving(Message, frozen=True, kw_only=True):
    """The records that one exit answers. `accuracy` is null of none, and with `harmed` and `helped` of plain numbers.

    `harmed`: answered wrongly here, and the last exit would have been right. `helped`: the other way round.
    """

    exit: str
    records: int
    share: float
    accuracy: float | None
    harmed: int | None
    helped: int | None


class Deployed(Message, frozen=True, kw_only=True):
    """`judgement` is of the answers that leave the network, whichever exit gave them.

    Its accuracy less the last exit's is (`helped` - `harmed`) / records.
    """

    judgement: Judgement
    leaving: tuple[Leaving, ...]
    harmed: int | None
    helped: int | None


def answering(
    outputs: Sequence[NDArray[Any]], policies: Sequence[ExitPolicy | None], *, task: Task = Task.CLASSIFICATION
) -> NDArray[np.int64]:
    """`[n]`: the place of the exit that answers each record, decided as agents decide it.

    Both in the order in which records meet the exits; the last one's policy is not asked, it answers all that is left.
    """
    if len(outputs) != len(policies):
        raise DocumentError(f"{len(policies)} policies for {len(outputs)} exits", field="policies")
    last = len(outputs) - 1
    answered_by = np.full(len(outputs[last]), last, np.int64)
    for place in reversed(range(last)):
        decision = decide(outputs[place], policies[place], is_last=False, task=task)
        answered_by[decision.answered] = place
    return answered_by


@dataclass(slots=True, kw_only=True)
class DeployedTally:
    """Adds up batches, in the memory of one exit's tally. `whole` is a tally of its own, as each exit has."""

    exits: tuple[str, ...]
    whole: JudgementTally
    _left: NDArray[np.int64] = field(init=False)
    _right: NDArray[np.int64] = field(init=False)
    _harmed: NDArray[np.int64] = field(init=False)
    _helped: NDArray[np.int64] = field(init=False)
    _has_right: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._left, self._right, self._harmed, self._helped = np.zeros((4, len(self.exits)), np.int64)

    def add(
        self,
        outputs: Sequence[NDArray[Any]],
        truth: NDArray[Any],
        answered_by: NDArray[Any],
        right: Sequence[NDArray[np.bool_] | None],
    ) -> NDArray[np.bool_] | None:
        """`outputs` and `right` of every exit, in order; `answered_by` as `answering` gives it.

        Which records were answered rightly, as a tally of one exit says it. Raises DocumentError where
        `answered_by` is no place of an exit.
        """
        _refuse_no_exit(answered_by, len(truth), len(self.exits))
        self._left += np.bincount(answered_by, minlength=len(self.exits))
        known = [one for one in right if one is not None]
        if len(known) == len(self.exits):
            self._has_right = True
            self._weigh(known, answered_by)
        return self.whole.add(_chosen(outputs, answered_by), truth)

    def _weigh(self, right: Sequence[NDArray[np.bool_]], answered_by: NDArray[Any]) -> None:
        last = right[-1]
        for place, here in enumerate(right):
            leaves = answered_by == place
            self._right[place] += (leaves & here).sum()
            self._harmed[place] += (leaves & ~here & last).sum()
            self._helped[place] += (leaves & here & ~last).sum()

    def merge(self, other: Self) -> None:
        if self.exits != other.exits:
            raise DocumentError(f"{list(other.exits)} where {list(self.exits)} are expected", field="exits")
        self.whole.merge(other.whole)
        self._left += other._left
        self._right += other._right
        self._harmed += other._harmed
        self._helped += other._helped
        self._has_right |= other._has_right

    def result(self) -> Deployed:
        """Raises DocumentError of no records."""
        return Deployed(
            judgement=self.whole.judgement(WHOLE),
            leaving=tuple(self._leaving(place) for place in range(len(self.exits))),
            harmed=int(self._harmed.sum()) if self._has_right else None,
            helped=int(self._helped.sum()) if self._has_right else None,
        )

    def _leaving(self, place: int) -> Leaving:
        records = int(self._left[place])
        return Leaving(
            exit=self.exits[place],
            records=records,
            share=records / int(self._left.sum()),
            accuracy=int(self._right[place]) / records if self._has_right and records else None,
            harmed=int(self._harmed[place]) if self._has_right else None,
            helped=int(self._helped[place]) if self._has_right else None,
        )


def _refuse_no_exit(answered_by: NDArray[Any], records: int, exits: int) -> None:
    if answered_by.shape != (records,) or answered_by.dtype.kind not in "iu":
        raise DocumentError(f"not the place of one exit for each of {records} records", field="answered_by")
    if records and not 0 <= int(answered_by.min()) <= int(answered_by.max()) < exits:
        raise DocumentError(f"no exit has that place: those are 0 to {exits - 1}", field="answered_by")


def _chosen(outputs: Sequence[NDArray[Any]], answered_by: NDArray[Any]) -> NDArray[Any]:
    chosen = outputs[-1].astype(np.result_type(*outputs))
    for place, early in enumerate(outputs[:-1]):
        leaves = answered_by == place
        chosen[leaves] = early.reshape(chosen.shape)[leaves]
    return chosen
