"""Clipping and Gaussian noise, the two halves of the Gaussian mechanism. Pure: the same seed gives the same noise.

McMahan, Ramage, Talwar and Zhang, Learning Differentially Private Recurrent Language Models, ICLR 2018 (arXiv
1710.06963): clip each participant's change, take the plain mean, add noise of `multiplier` x `norm` / participants.
"""

import numpy as np

from agent.federation.weights import Weights, norm

_LEAST_SEED_BYTES = 16


def clipped(change: Weights, most: float) -> Weights:
    """Of this length or shorter, in the same direction; a shorter one as it is."""
    length = norm(change)
    if length <= most:
        return change
    return {name: (one * (most / length)).astype(np.float32) for name, one in change.items()}


def noised(weights: Weights, deviation: float, *, seed: bytes) -> Weights:
    """With independent Gaussian noise of this standard deviation on every weight.

    Drawn tensor by tensor in the order of their names. `seed`: 16 bytes or more that nobody can guess: whoever knows
    them can take the noise away again.
    """
    if len(seed) < _LEAST_SEED_BYTES:
        raise ValueError(f"a seed of {len(seed)} bytes can be guessed")
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence(int.from_bytes(seed, "big"))))
    return {
        name: (weights[name] + deviation * random.standard_normal(weights[name].shape)).astype(np.float32)
        for name in sorted(weights)
    }
