"""Make windows, train both exits together, export artifacts and sample: `python -m examples.sensor.train`."""

import argparse
from pathlib import Path

import keras

from examples import packing
from examples.arguments import positive
from examples.sensor import machine, network, sample
from shared.documents.model import ModelManifest, SubModel
from shared.documents.types import DType, TensorSpec

FOLDER = Path(__file__).parent
INPUT = TensorSpec(dtype=DType.FLOAT32, shape=network.WINDOW_SHAPE)
TRAINING_WINDOWS = 40_000
TRAINING_SEED = 1
SAMPLE_WINDOWS = 400
SAMPLE_SEED = 2
BATCH = 128


def train(*, windows: machine.Windows, epochs: int, seed: int) -> dict[str, keras.Model]:
    keras.utils.set_random_seed(seed)
    parts = network.sub_models()
    model = network.joint(parts)
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, epochs * len(windows.conditions) // BATCH)
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule),
        loss=dict.fromkeys(parts, "sparse_categorical_crossentropy"),
        metrics={tier: ["accuracy"] for tier in parts},
    )
    labels = dict.fromkeys(parts, windows.conditions)
    model.fit(windows.vibrations, labels, batch_size=BATCH, epochs=epochs, verbose=2)
    return parts


def describe(sub_models: tuple[SubModel, ...]) -> ModelManifest:
    return ModelManifest(
        name="machine-vibrations",
        sub_models=sub_models,
        labels=machine.CONDITIONS,
        description="64 samples of acceleration across and along a shaft at 500 Hz; synthetic, see machine.py",
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.sensor.train", description=__doc__)
    parser.add_argument("--epochs", type=positive, default=8)
    parser.add_argument("--windows", type=positive, default=TRAINING_WINDOWS)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder for artifacts/, manifest.json, sample.jsonl")
    given = parser.parse_args()
    windows = machine.windows(given.windows, seed=TRAINING_SEED)
    parts = train(windows=windows, epochs=given.epochs, seed=given.seed)
    representative = windows.vibrations[:500]
    packing.pack(parts, into=given.into, describe=describe, input=INPUT, representative=representative)
    sample.write(machine.windows(SAMPLE_WINDOWS, seed=SAMPLE_SEED), given.into / "sample.jsonl")


if __name__ == "__main__":
    main()
