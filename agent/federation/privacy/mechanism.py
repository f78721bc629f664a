"""Clipping and Gaussian noise, the two halves of the Gaussian mechanism. Pure: the same seed gives the same noise.

McMahan, Ramage, Talwar and Zhang, Learning Differentially Private Recurrent Language Models, ICLR 2018 (arXiv
1710.06963): clip each participant's change, take the plain mean, add noise of `multiplier` x `norm` / participants.
"""

import math

import numpy as np

from agent.federation.weights import Weights, norm

_LEAST_SEED_BYTES = 16
_RARELY = 5.7


def clipped(change: Weights, most: float) -> Weights:
    """Of this length or shorter, in the same direction; a shorter one as it is."""
    length = norm(change)
    if length <= most:
        return change
    return {name: (one * (most / length)).astype(np.float32) for name, one in change.items()}


def longest(most: float, deviation: float, elements: int) -> float:
    """What a change that was clipped to `most`, and then noised, exceeds once in ten million times.

    The length of a Gaussian vector exceeds sqrt(n) + t with a probability below exp(-t^2 / 2): Boucheron, Lugosi and
    Massart, Concentration Inequalities, 2013, theorem 5.6.
    """
    return most + deviation * (math.sqrt(elements) + _RARELY)


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
