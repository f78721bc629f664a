"""Yogi at the server: as FedAdam, but what changes have once been large forgets slowly.

Reddi and others, Adaptive Federated Optimization, ICLR 2021 (arXiv 2003.00295), algorithm 2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.fedadam import FedAdam


class FedYogi(FedAdam, frozen=True, kw_only=True, tag="fedyogi"):
    def second(self, before: NDArray[Any], squared: NDArray[Any]) -> NDArray[Any]:
        after: NDArray[Any] = before - (1 - self.second_moment) * squared * np.sign(before - squared)
        return after
