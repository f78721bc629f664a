"""The tiny network as `.keras` files."""

import sys
from pathlib import Path

import keras

from tests.agent.backends import tiny


def both(batch: int | None = None) -> keras.Model:
    images = keras.Input(tiny.INPUT.shape, batch_size=batch, name="input")
    convolution = keras.layers.Conv2D(2, 3, activation="relu")
    dense = keras.layers.Dense(3, activation="softmax", name="probabilities")
    features = convolution(images)
    outputs = {"exit": dense(keras.layers.Flatten()(features)), "features": features}
    model = keras.Model(images, outputs)
    convolution.set_weights([tiny.KERNEL, tiny.KERNEL_BIAS])
    dense.set_weights([tiny.WEIGHTS, tiny.BIAS])
    return model


def exit_only() -> keras.Model:
    model = both()
    return keras.Model(model.inputs, model.output["exit"])


def make(folder: Path) -> None:
    both().save(folder / "both.keras")
    both(batch=1).save(folder / "one_by_one.keras")
    exit_only().save(folder / "exit_only.keras")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
