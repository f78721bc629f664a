"""Trained weights to artifacts, manifest and sample: `python -m examples.fashion_mnist.export`."""

import argparse
import sys
from pathlib import Path

import keras
import numpy as np

from examples import packing
from examples.fashion_mnist import data, network
from shared.documents.model import ModelManifest, SubModel
from shared.documents.types import DType, TensorSpec
from shared.errors import FoglineError, UnavailableError

FOLDER = Path(__file__).parent
INPUT = TensorSpec(dtype=DType.UINT8, shape=network.IMAGE_SHAPE)
REPRESENTATIVE_IMAGES = 500
SAMPLE_IMAGES = 2000


def describe(sub_models: tuple[SubModel, ...]) -> ModelManifest:
    return ModelManifest(
        name="fashion-mnist",
        sub_models=sub_models,
        labels=network.CLASSES,
        description="28x28 grey images of clothes, ten classes; trained on Fashion-MNIST (MIT licence)",
    )


def load_weights(folder: Path) -> dict[str, keras.Model]:
    """Raises UnavailableError, naming what to run, when a tier has no weights there."""
    parts = network.sub_models()
    for tier, part in parts.items():
        file = folder / f"{tier}.weights.h5"
        if not file.is_file():
            raise UnavailableError(f"{file} is missing: run `python -m examples.fashion_mnist.train` first")
        part.load_weights(file)
    return parts


def export(parts: dict[str, keras.Model], *, into: Path) -> None:
    images = data.load(data.Part.TRAIN).images[:REPRESENTATIVE_IMAGES]
    packing.pack(parts, into=into, describe=describe, input=INPUT, representative=images)
    write_sample(into / "sample.npz")


def write_sample(path: Path) -> None:
    """The first images of the test split, which no training has seen."""
    test = data.load(data.Part.TEST)
    np.savez_compressed(path, images=test.images[:SAMPLE_IMAGES], labels=test.labels[:SAMPLE_IMAGES])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.fashion_mnist.export", description=__doc__)
    parser.add_argument("--weights", type=Path, default=FOLDER / "weights", help="folder that `train` wrote")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder for artifacts/, manifest.json, sample.npz")
    given = parser.parse_args()
    try:
        export(load_weights(given.weights), into=given.into)
    except (FoglineError, OSError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
