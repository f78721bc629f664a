"""Digits of seven segments, as a clock has them, drawn askew in noise: data for a chain whose shapes are MNIST's.

`python -m examples.mnist_chain.digits FOLDER` writes train.npz and test.npz there.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from examples.arguments import positive

SIDE = 28
# By digit, of the segments below, those that are lit.
LIT = ("abcdef", "bc", "abdeg", "abcdg", "bcfg", "acdfg", "acdefg", "abc", "abcdefg", "abcdfg")
# Where a segment begins and ends: across and down, in units of half the digit's height, from its centre.
SEGMENTS = {
    "a": ((-0.5, -1), (0.5, -1)),
    "b": ((0.5, -1), (0.5, 0)),
    "c": ((0.5, 0), (0.5, 1)),
    "d": ((-0.5, 1), (0.5, 1)),
    "e": ((-0.5, 0), (-0.5, 1)),
    "f": ((-0.5, -1), (-0.5, 0)),
    "g": ((-0.5, 0), (0.5, 0)),
}


def digits(count: int, *, seed: int) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Images `[count, 28, 28]`, 0 to 255, and which digits they are, `[count]`."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count, np.uint8)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[:] = drawn(label, random)
    return images, labels


def drawn(digit: int, random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Shifted, turned, slanted, of some size and width; each segment as faint as a worn one."""
    canvas = np.zeros((SIDE, SIDE))
    down, across = np.mgrid[:SIDE, :SIDE]
    half, width, angle, slant = random.uniform((6, 0.8, -0.25, -0.3), (10, 1.8, 0.25, 0.3))
    turn = half * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centre = (SIDE - 1) / 2 + random.uniform(-2.5, 2.5, 2)
    for segment in LIT[digit]:
        ends = np.array(SEGMENTS[segment]) @ np.array([[1, 0], [slant, 1]]) @ turn.T + centre
        ink = np.exp(-((distance(across, down, *ends) / width) ** 2)) * random.uniform(0.6, 1)
        canvas = np.maximum(canvas, ink)
    noisy = 255 * canvas + random.normal(0, 20, canvas.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def distance(
    across: npt.NDArray[np.int64],
    down: npt.NDArray[np.int64],
    begin: npt.NDArray[np.float64],
    end: npt.NDArray[np.float64],
) -> npt.NDArray[np.float64]:
    """Of every pixel from the line between two points."""
    (dx, dy), (x, y) = end - begin, (across - begin[0], down - begin[1])
    along = np.clip((x * dx + y * dy) / (dx * dx + dy * dy), 0, 1)
    found: npt.NDArray[np.float64] = np.hypot(x - along * dx, y - along * dy)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.mnist_chain.digits", description=__doc__)
    parser.add_argument("into", type=Path, metavar="FOLDER", help="for train.npz and test.npz")
    parser.add_argument("--count", type=positive, default=6000, help="of train.npz; test.npz has 1000")
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    for name, count, seed in (("train", given.count, 0), ("test", 1000, 1)):
        images, labels = digits(count, seed=seed)
        np.savez(given.into / f"{name}.npz", images=images, labels=labels)


if __name__ == "__main__":
    main()
