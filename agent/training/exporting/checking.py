"""Artifacts against the network they were made of, run by the backends that agents run."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.exporting.chain import Chain
from agent.training.exporting.nearness import difference
from agent.training.exporting.part import Trained
from shared.documents import TierCut


def differences(
    chain: Chain, trained: Trained, tiers: Sequence[TierCut], records: NDArray[Any], *, batch: int
) -> Mapping[str, float]:
    """By tier with an exit, the largest over all records. Raises ModelError."""
    exits = {one.tier: one.exit for one in tiers if one.exit is not None}
    largest = dict.fromkeys(exits, 0.0)
    for start in range(0, len(records), batch):
        inputs = records[start : start + batch]
        found, wanted = chain.answers(inputs), trained.answers(inputs)
        for tier, exit in exits.items():
            # `max` would forget NaN.
            largest[tier] = float(np.maximum(largest[tier], difference(found[tier], wanted[exit])))
    return largest
