"""Of each weight the mean of its changes without the greatest and the least.

Yin, Chen, Ramchandran and Bartlett, Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates, ICML 2018
(arXiv 1803.01498), definition 2.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from agent.federation.aggregation.keeping import Keeping


class TrimmedMean(Keeping, frozen=True, kw_only=True, tag="trimmed-mean"):
    """`trimmed`: the share that is left out at each end, rounded down to whole participants."""

    trimmed: Annotated[float, Meta(ge=0, lt=0.5)] = 0.2

    def combined(self, changes: list[dict[str, NDArray[np.float32]]]) -> Mapping[str, NDArray[Any]]:
        left_out = int(self.trimmed * len(changes))
        return {name: _trimmed(np.stack([one[name] for one in changes]), left_out) for name in changes[0]}


def _trimmed(changes: NDArray[np.float32], left_out: int) -> NDArray[np.float64]:
    ordered = np.sort(changes, axis=0)[left_out : len(changes) - left_out]
    mean: NDArray[np.float64] = np.mean(ordered, axis=0, dtype=np.float64)
    return mean
