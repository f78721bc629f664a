"""Which share of all records goes on after each exit."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.inference.exits import confidence
from shared.documents.deployment import ExitPolicy


def alive(probabilities: Sequence[NDArray[Any]], policies: Sequence[ExitPolicy | None]) -> tuple[float, ...]:
    """`probabilities`: of each early exit, the sensor's first, `[n, classes]`, with a policy each; None never answers.

    The share that no exit so far was sure of: it never grows from one exit to the next.
    """
    shares: list[float] = []
    going = np.ones(len(probabilities[0]) if probabilities else 0, dtype=np.bool_)
    for given, policy in zip(probabilities, policies, strict=True):
        if policy is not None:
            # In single precision, as the agent compares them.
            going = going & ~(confidence(given, policy.measure) >= np.float32(policy.threshold))
        shares.append(float(going.mean()) if len(going) else 1.0)
    return tuple(shares)
