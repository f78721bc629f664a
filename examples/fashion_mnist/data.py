"""Fashion-MNIST from wherever it is: a folder, Debian's package or Keras. Images stay the bytes they are.

`python -m examples.fashion_mnist.data FOLDER` writes train.npz and test.npz there, as `fogline streams send` and
`fogline send` take them.
"""

import argparse
import gzip
import os
import struct
import sys
import zlib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from examples.arguments import positive
from shared.errors import FoglineError, SettingsError, UnavailableError

DEBIAN_FOLDER = Path("/usr/share/datasets/fashion-mnist")
UNSIGNED_BYTE = 0x08


class Part(StrEnum):
    """The two parts of the data set, by the prefix of their files."""

    TRAIN = "train"
    TEST = "t10k"


class Split(NamedTuple):
    images: npt.NDArray[np.uint8]
    """(n, 28, 28, 1), 0 to 255"""
    labels: npt.NDArray[np.uint8]
    """(n,), 0 to 9"""


def load(part: Part) -> Split:
    """From the first place that has it: $FOGLINE_DATA, Debian's folder, Keras (which downloads it once, and says so).

    Raises UnavailableError naming all three when none has, SettingsError when a file is not what its name says.
    """
    for folder in folders():
        images, labels = (folder / f"{part}-{kind}-ubyte.gz" for kind in ("images-idx3", "labels-idx1"))
        if images.is_file() and labels.is_file():
            return Split(read_idx(images, dimensions=3)[..., np.newaxis], read_idx(labels, dimensions=1))
    return from_keras(part)


def folders() -> Iterator[Path]:
    if given := os.environ.get("FOGLINE_DATA"):
        yield Path(given)
    yield DEBIAN_FOLDER


def read_idx(path: Path, *, dimensions: int) -> npt.NDArray[np.uint8]:
    """An IDX file of bytes: two zeros, the type, the number of dimensions, each dimension as a big-endian uint32."""
    try:
        raw = gzip.decompress(path.read_bytes())
        if raw[:4] != bytes((0, 0, UNSIGNED_BYTE, dimensions)):
            raise ValueError("its first bytes are others")
        start = 4 + 4 * dimensions
        return np.frombuffer(raw, np.uint8, offset=start).reshape(struct.unpack_from(f">{dimensions}I", raw, 4))
    except (OSError, EOFError, ValueError, zlib.error, struct.error) as error:
        raise SettingsError(f"{path} is no gzipped IDX file of bytes in {dimensions} dimensions: {error}") from error


def from_keras(part: Part) -> Split:
    try:
        import keras

        train, test = keras.datasets.fashion_mnist.load_data()
    except Exception as error:  # urllib's, hashlib's and whatever else a download meets
        raise not_found(error) from error
    images, labels = train if part is Part.TRAIN else test
    return Split(images[..., np.newaxis], labels)


def not_found(error: Exception) -> UnavailableError:
    given = os.environ.get("FOGLINE_DATA", "not set")
    return UnavailableError(
        f"Fashion-MNIST is neither in $FOGLINE_DATA ({given}) nor in {DEBIAN_FOLDER} (Debian: dataset-fashion-mnist), "
        f"and keras.datasets.fashion_mnist failed: {error}. Put its four .gz files "
        "into a folder and set FOGLINE_DATA to it"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.fashion_mnist.data", description=__doc__)
    parser.add_argument("into", type=Path, metavar="FOLDER", help="for train.npz and test.npz")
    parser.add_argument("--limit", type=positive, help="the first N images of each only, to try things out")
    given = parser.parse_args()
    try:
        given.into.mkdir(parents=True, exist_ok=True)
        for name, part in (("train", Part.TRAIN), ("test", Part.TEST)):
            images, labels = load(part)
            np.savez(given.into / f"{name}.npz", images=images[: given.limit], labels=labels[: given.limit])
    except (FoglineError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
