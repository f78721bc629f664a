"""Images as a sensor would send them: 32x32 pixels, three colours, one byte each. Made from a seed, never drawn."""

import numpy as np
from numpy.typing import NDArray

SIDE, COLOURS = 32, 3
# Enough that caches do not learn them, few enough to lie in memory everywhere.
IMAGES = 1000
_SEED = 20
_WAVES = 4


def images(count: int = IMAGES) -> NDArray[np.uint8]:
    """`[count, 32, 32, 3]`: sums of a few slow waves a colour, so images differ as a whole, not pixel by pixel."""
    random = np.random.default_rng(_SEED)
    grid = np.linspace(0.0, 2.0 * np.pi, SIDE)
    shape = (count, COLOURS, _WAVES)
    across, down = random.uniform(-3.0, 3.0, (2, *shape))
    phase, height = random.uniform(0.0, 2.0 * np.pi, shape), random.uniform(0.2, 1.0, shape)
    angle = across[..., None, None] * grid[:, None] + down[..., None, None] * grid[None, :] + phase[..., None, None]
    waves = (height[..., None, None] * np.sin(angle)).sum(axis=2)
    bytes_ = np.clip(128.0 + 40.0 * waves, 0.0, 255.0).astype(np.uint8)
    return np.ascontiguousarray(bytes_.transpose(0, 2, 3, 1))
