"""FedAvg in which no participant moves the model further than a bound: a scaled update is as long as an honest one.

Sun, Kairouz, Suresh and McMahan, Can You Really Backdoor Federated Learning?, 2019 (arXiv 1911.07963), section 3.
"""

from agent.federation.aggregation import mean
from agent.federation.aggregation.averaging import Averaging
from agent.federation.aggregation.bounds import Positive
from agent.federation.aggregation.strategy import Contribution, State
from agent.federation.weights import norm


class NormBound(Averaging, frozen=True, kw_only=True, tag="norm-bound"):
    """`bound`: the Euclidean length of a change, over all tensors; longer ones are shortened to it."""

    bound: Positive

    def fold(self, state: State, contribution: Contribution) -> State:
        length = norm(contribution.change)
        return mean.fold(state, contribution, factor=min(1.0, self.bound / length) if length else 1.0)
