"""Each update moves the model at once, the less the older the model it started from.

Xie, Koyejo and Gupta, Asynchronous Federated Optimization, 2019 (arXiv 1903.03934), algorithm 1. The paper
mixes models, and with a stale participant's model the global one of long ago; here only its change counts, so that what
others have learnt since is not undone. Of fresh updates the two are the same.
"""

from typing import Any

from numpy.typing import NDArray

from agent.federation.aggregation import mean
from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.bounds import UpToOne
from agent.federation.aggregation.staleness import Polynomial, Staleness
from agent.federation.aggregation.strategy import Contribution, State


class FedAsync(Averaging, frozen=True, kw_only=True, tag="fedasync"):
    """`mixing`: the paper's alpha, what a fresh update counts against the model."""

    mixing: UpToOne = 0.6
    staleness: Staleness = Polynomial()

    def fold(self, state: State, contribution: Contribution) -> State:
        return mean.fold(state, contribution, factor=self.staleness.weight(contribution.staleness))

    def move(self, state: State, name: str, change: NDArray[Any], weight: float) -> NDArray[Any]:
        return self.mixing * change
