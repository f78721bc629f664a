"""What an image tells the exits: which class to answer, and how many of them shall be unsure of it.

An image is a mosaic of 8x8 cells of 4x4 pixels, so that no pooling down to 8x8 blurs it. Its first cells are black or
white in all colours: one for each class, white for the image's own; then one for each exit but the last, white where
that exit shall be unsure. The other cells are of any colour.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CLASSES = 10
CELLS, CELL_SIDE, COLOURS = 8, 4, 3
SIDE = CELLS * CELL_SIDE
# Of an exit that is sure, and of one that is not: far from every threshold one would set.
SURE, UNSURE = 0.95, 0.30
# Of each number of unsure exits.
IMAGES_A_KIND = 100
_SEED = 16
# Few colours, so that the sample packs well.
_SHADES = 16
_WHITE = 255


class Sample(NamedTuple):
    images: NDArray[np.uint8]
    """`[n, 32, 32, 3]`"""
    labels: NDArray[np.uint8]
    """`[n]`: the class that every exit answers"""
    leaves: NDArray[np.uint8]
    """`[n]`: how many exits, from the first, are unsure"""


def sample(exits: int) -> Sample:
    """Images for a network of so many exits: as many of each number of unsure ones, from 0 to all but the last."""
    random = np.random.default_rng(_SEED)
    numbers = np.arange(exits * IMAGES_A_KIND)
    leaves, labels = numbers % exits, numbers // exits % CLASSES
    shades = random.integers(0, _SHADES, (len(numbers), CELLS * CELLS, COLOURS)) * (_WHITE // (_SHADES - 1))
    plan = np.concatenate([np.eye(CLASSES)[labels], np.arange(exits - 1) < leaves[:, None]], axis=1)
    shades[:, : plan.shape[1]] = _WHITE * plan[..., None]
    cells = shades.astype(np.uint8).reshape(-1, CELLS, CELLS, COLOURS)
    images = cells.repeat(CELL_SIDE, axis=1).repeat(CELL_SIDE, axis=2)
    return Sample(images, labels.astype(np.uint8), leaves.astype(np.uint8))


def weights(exit: int | None, *, white: float) -> NDArray[np.float32]:
    """`[64, 10]`: from the cells to the logits, through a ReLU, of the exit with this number; None: of the last one.

    The class's cell lifts its logit by what makes `SURE` of it, and the exit's own cell takes from that until `UNSURE`
    is left; the ReLU keeps the other logits at zero. `white` is what the network makes of a white cell, 0 of a black.
    """
    matrix = np.zeros((CELLS * CELLS, CLASSES), np.float32)
    matrix[:CLASSES] = np.eye(CLASSES) * _logit(SURE) / white
    if exit is not None:
        matrix[CLASSES + exit] = (_logit(UNSURE) - _logit(SURE)) / white
    return matrix


def _logit(probability: float) -> float:
    """Of one class, when those of all others are zero: the softmax turned round."""
    return float(np.log((CLASSES - 1) * probability / (1 - probability)))
