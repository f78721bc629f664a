"""Records of Fashion-MNIST's size, made: grey images of 28x28 bytes, each of ten classes with a pattern of its own."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

SHAPE = (28, 28, 1)
CLASSES = 10
NETWORK = Path(__file__).parents[2] / "examples" / "fashion_mnist" / "network.py"


def clothes(records: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """`[records, 28, 28, 1]` and their classes, `[records]`, both bytes. The same each time."""
    drawn = np.random.default_rng(1)
    patterns = drawn.integers(0, 160, (CLASSES, *SHAPE))
    labels = drawn.integers(0, CLASSES, records).astype(np.uint8)
    images = patterns[labels] + drawn.integers(0, 96, (records, *SHAPE))
    return images.astype(np.uint8), labels


def source() -> str:
    """The example's network without its augmentation, which a fit on arrays has none of."""
    return NETWORK.read_text() + "\n\naugment = None\n"
