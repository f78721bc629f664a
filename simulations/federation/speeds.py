"""How long a site's updates take: each attempt is drawn by the seed, the site and the update's number alone. Pure."""

import numpy as np

from simulations.federation.document import Normal, Speeds
from simulations.federation.virtual import Seconds

_SITE, _ATTEMPT, _CRASH = 0, 1, 2
_LEAST = 1e-3


def own_seconds(speeds: Speeds, seed: int, site: int) -> Seconds:
    """What an update of this site takes on the average, but for a `constant`."""
    if isinstance(speeds, Normal):
        return float(speeds.means[site % len(speeds.means)])
    return float(np.random.default_rng([seed, site, _SITE]).uniform(speeds.least, speeds.most))


def seconds(speeds: Speeds, crashes: float, seed: int, site: int, number: int) -> Seconds:
    """What its update `number` takes, with all attempts that came to nothing.

    `crashes`: the share of attempts that do, each somewhere on its way.
    """
    own, taken = own_seconds(speeds, seed, site), 0.0
    random = np.random.default_rng([seed, site, _ATTEMPT, number])
    fate = np.random.default_rng([seed, site, _CRASH, number])
    while True:
        attempt = _attempt(speeds, own, random)
        if fate.random() >= crashes:
            return taken + attempt
        taken += attempt * fate.random()


def _attempt(speeds: Speeds, own: Seconds, random: np.random.Generator) -> Seconds:
    if isinstance(speeds, Normal):
        return max(random.normal(own, own * speeds.deviation), float(speeds.least), _LEAST) + speeds.constant
    return max(_LEAST, own * (1 + speeds.varies * random.uniform(-1, 1)))
