"""Train every exit of the network together, then export the artifacts: `python -m examples.fashion_mnist.train`."""

import argparse
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from examples.arguments import positive
from examples.fashion_mnist import data, network
from examples.fashion_mnist.export import FOLDER, export
from shared.errors import FoglineError

SHIFT = 2


def augment(image: tf.Tensor, label: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Shift by up to two pixels, mirror every second image: clothes stay what they are."""
    padded = tf.pad(image, ((SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)))
    shifted = tf.image.random_crop(padded, network.IMAGE_SHAPE)
    return tf.cast(tf.image.random_flip_left_right(shifted), tf.float32), label


def batches(split: data.Split, *, size: int) -> tf.data.Dataset:
    images = tf.data.Dataset.from_tensor_slices((split.images, split.labels.astype(np.int32)))
    shuffled = images.shuffle(len(split.labels)).map(augment, num_parallel_calls=2)
    return shuffled.batch(size, drop_remainder=True).map(one_label_an_exit).prefetch(4)


def one_label_an_exit(images: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    return images, dict.fromkeys(network.TIERS, labels)


def compile_for(model: keras.Model, *, steps: int, rate: float) -> None:
    warm_up = max(1, steps // 20)
    schedule = keras.optimizers.schedules.CosineDecay(
        rate / 20, steps - warm_up, warmup_target=rate, warmup_steps=warm_up
    )
    model.compile(
        optimizer=keras.optimizers.AdamW(schedule, weight_decay=0.01),
        loss=dict.fromkeys(network.TIERS, "sparse_categorical_crossentropy"),
        metrics={tier: ["accuracy"] for tier in network.TIERS},
    )


def train(split: data.Split, *, epochs: int, batch: int, rate: float, seed: int) -> dict[str, keras.Model]:
    """Sub-models by tier, trained together; the test split is not looked at."""
    keras.utils.set_random_seed(seed)
    parts = network.sub_models()
    model = network.joint(parts)
    batch = min(batch, len(split.labels))
    compile_for(model, steps=epochs * (len(split.labels) // batch), rate=rate)
    model.fit(batches(split, size=batch), epochs=epochs, verbose=2)
    return parts


def save(parts: dict[str, keras.Model], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for tier, part in parts.items():
        part.save_weights(folder / f"{tier}.weights.h5")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m examples.fashion_mnist.train", description=__doc__)
    parser.add_argument("--epochs", type=positive, default=15)
    parser.add_argument("--batch", type=positive, default=128)
    parser.add_argument("--rate", type=float, default=3e-3, help="peak learning rate of the cosine schedule")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--limit", type=positive, help="train on the first N images only, to try things out")
    parser.add_argument("--weights", type=Path, default=FOLDER / "weights", help="folder for the trained weights")
    parser.add_argument("--into", type=Path, default=FOLDER, help="folder for artifacts/, manifest.json, sample.npz")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    try:
        split = data.load(data.Part.TRAIN)
    except FoglineError as error:
        sys.exit(str(error))
    split = data.Split(split.images[: given.limit], split.labels[: given.limit])
    parts = train(split, epochs=given.epochs, batch=given.batch, rate=given.rate, seed=given.seed)
    save(parts, given.weights)
    export(parts, into=given.into)


if __name__ == "__main__":
    main()
