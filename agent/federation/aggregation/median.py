"""Of each weight the median of its changes.

Yin, Chen, Ramchandran and Bartlett, Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates, ICML 2018
(arXiv 1803.01498), definition 1.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.aggregation.keeping import Keeping


class Median(Keeping, frozen=True, kw_only=True, tag="median"):
    def combined(self, changes: list[dict[str, NDArray[np.float32]]]) -> Mapping[str, NDArray[Any]]:
        return {name: np.median([one[name] for one in changes], axis=0) for name in changes[0]}
