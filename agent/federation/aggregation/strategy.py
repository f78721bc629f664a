"""What every strategy is: how updates are folded into a state, and the state into the next global model. Pure.

The same updates in the same order give the same bytes, on the same kind of processor: what was folded is in the state
and nowhere else, so that a snapshot of it and the updates after it are all a coordinator needs to go on.
"""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from numpy.typing import NDArray

from agent.federation.weights import Weights
from shared.documents.types import Document

State = MutableMapping[str, NDArray[Any]]
"""By name; a tensor's name never holds a colon, a state's own names begin with one word and a colon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one participant learnt. `change`: its weights less those it started from, like the model's.

    `weight`: how much it counts beside the others, its records unless privacy forbids to tell, above 0. `staleness`:
    global models published since the one it started from. `steps`: of its optimiser, 1 or more. `control`: what
    strategies with control variates ask for, like the model's.
    """

    participant: str
    change: Weights
    weight: float = 1.0
    staleness: int = 0
    steps: int = 1
    control: Weights = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What a strategy asks of a participant's training.

    `proximal`: the factor of half the squared distance to the global model in the loss. `controls`: gradients are
    corrected by control variates, whose change comes with the update.
    """

    proximal: float = 0.0
    controls: bool = False


class Plain(Document, frozen=True, kw_only=True, tag_field="name"):
    """What most strategies are: they ask nothing of participants, step from one contribution, hand nothing down."""

    @property
    def local(self) -> Local:
        return Local()

    @property
    def least(self) -> int:
        return 1

    def handed_down(self, state: State) -> Mapping[str, NDArray[Any]]:
        return {}


class Strategy(Protocol):
    """`fold` and `step` may write into the state they are given; what they return is the state from then on."""

    @property
    def local(self) -> Local: ...

    @property
    def least(self) -> int:
        """So many contributions a step takes: fewer prove nothing."""
        ...

    def start(self, model: Weights) -> State: ...

    def fold(self, state: State, contribution: Contribution) -> State: ...

    def step(self, state: State, model: Weights) -> tuple[Weights, State]:
        """The next model, and the state for what comes after it. Of no contribution: the same model."""
        ...

    def handed_down(self, state: State) -> Mapping[str, NDArray[Any]]:
        """What participants are sent beside the model; for most strategies nothing."""
        ...
