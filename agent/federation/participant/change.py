"""What an update changes of the weights it began with, and what becomes of that before it leaves the site. Pure."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.privacy.mechanism import clipped, noised
from agent.federation.weights import Weights, require_like
from shared.documents.federation import NoiseAt, Privacy

CONTROL = "control:"


def change(after: Mapping[str, NDArray[Any]], base: Weights) -> Weights:
    """`after` may hold more, which stays at the site. Raises UnlikeError when it is no such network, or diverged."""
    like = require_like({name: one for name, one in after.items() if name in base}, base)
    return {name: like[name] - base[name] for name in base}


def private(changed: Weights, privacy: Privacy | None, *, seed: bytes) -> Weights:
    """Clipped where privacy is asked for, and noised where the site is to do it. `seed`: that nobody can guess."""
    if privacy is None:
        return changed
    short = clipped(changed, privacy.norm)
    if privacy.at is not NoiseAt.SITE or not privacy.noise:
        return short
    return noised(short, privacy.noise * privacy.norm, seed=seed)


def along(handed_down: Mapping[str, NDArray[Any]], own: Weights, base: Weights) -> Weights:
    """What SCAFFOLD pushes each step by: the control variate of all, less the site's own. Raises UnlikeError."""
    server = _server(handed_down, base)
    return {name: server[name] - own.get(name, np.float32(0)) for name in base}


def control_change(
    changed: Weights, handed_down: Mapping[str, NDArray[Any]], *, steps: int, rate: float, base: Weights
) -> Weights:
    """By what the site's control variate moves: SCAFFOLD's option II, less the one it had. Raises UnlikeError."""
    server = _server(handed_down, base)
    return {name: -server[name] - changed[name] / np.float32(max(1, steps) * rate) for name in base}


def moved(own: Weights, by: Weights) -> Weights:
    return {name: (own.get(name, np.float32(0)) + one).astype(np.float32) for name, one in by.items()}


def _server(handed_down: Mapping[str, NDArray[Any]], base: Weights) -> Weights:
    found = {name.removeprefix(CONTROL): one for name, one in handed_down.items() if name.startswith(CONTROL)}
    return require_like(found, base)
