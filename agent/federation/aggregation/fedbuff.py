"""A buffer of updates, however old, makes a step when it is full.

Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek and Huba, Federated Learning with Buffered Asynchronous Aggregation,
AISTATS 2022 (arXiv 2106.06639), algorithm 1; the staleness of section 5.
"""

from typing import Any

from numpy.typing import NDArray

from agent.federation.aggregation import mean
from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.bounds import Positive
from agent.federation.aggregation.staleness import Polynomial, Staleness
from agent.federation.aggregation.strategy import Contribution, State


class FedBuff(Averaging, frozen=True, kw_only=True, tag="fedbuff"):
    learning_rate: Positive = 1.0
    staleness: Staleness = Polynomial()

    def fold(self, state: State, contribution: Contribution) -> State:
        return mean.fold(state, contribution, factor=self.staleness.weight(contribution.staleness))

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        return self.learning_rate * change
