"""One network for Fashion-MNIST, cut in three: edge, fog and cloud, each with an early exit.

The edge decides what the continuum costs: it must be small enough for a box, and its features narrow enough that
sending them up is cheaper than sending the image. Here 784 bytes of pixels become 7x7x8 features, 392 bytes as `u8`; in
the narrower one, whose artifacts lie beside this file, 7x7x4 and 196. Features end in a ReLU6, so their range is known
before any record has been seen and eight bits are enough for them.
"""

from typing import NamedTuple

import keras
import numpy as np
import numpy.typing as npt
from keras import layers

TIERS = ("edge", "fog", "cloud")
CLASSES = ("t-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot")
IMAGE_SHAPE = (28, 28, 1)
FEATURES_SIDE = 7
FEATURES_RANGE = (0.0, 6.0)
SHIFT = 2


class Widths(NamedTuple):
    """Filters: of the edge's two convolutions, of the features that it sends, of those that the fog sends."""

    edge: tuple[int, int]
    edge_features: int
    fog_features: int


# The stream trains the wide one: a hundredth more is right, and more is sure. The narrow one is for the smallest boxes.
WIDE = Widths((24, 48), 8, 16)
NARROW = Widths((16, 32), 4, 8)


def conv(x: keras.KerasTensor, filters: int, *, size: int = 3, stride: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(filters, size, strides=stride, padding="same", use_bias=False)(x)
    return layers.BatchNormalization()(x)


def conv_relu(x: keras.KerasTensor, filters: int, *, stride: int = 1) -> keras.KerasTensor:
    return layers.ReLU()(conv(x, filters, stride=stride))


def residual(x: keras.KerasTensor, filters: int, *, stride: int = 1) -> keras.KerasTensor:
    shortcut = x if stride == 1 and x.shape[-1] == filters else conv(x, filters, size=1, stride=stride)
    return layers.ReLU()(layers.add([conv(conv_relu(x, filters, stride=stride), filters), shortcut]))


def features(x: keras.KerasTensor, filters: int, *, name: str) -> keras.KerasTensor:
    return layers.ReLU(max_value=FEATURES_RANGE[1], name=name)(conv(x, filters))


def received(filters: int) -> keras.KerasTensor:
    return keras.Input((FEATURES_SIDE, FEATURES_SIDE, filters), name="input")


def early_exit(x: keras.KerasTensor, *, name: str, dropout: float = 0.0) -> keras.KerasTensor:
    x = layers.Dropout(dropout)(layers.GlobalAveragePooling2D()(x))
    return layers.Dense(len(CLASSES), activation="softmax", name=name)(x)


def at_edge(pixels: keras.KerasTensor, widths: Widths, *, exit: str, cut: str) -> dict[str, keras.KerasTensor]:
    """Takes pixels as they leave the sensor, 0 to 255.

    Wide it has 36 thousand parameters and 3.4 million multiplications a record, narrow 16 thousand and 1.5 million.
    """
    first, second = widths.edge
    x = layers.MaxPooling2D()(conv_relu(layers.Rescaling(1 / 255)(pixels), first))
    x = layers.MaxPooling2D()(conv_relu(x, second))
    return {
        "features": features(x, widths.edge_features, name=cut),
        "exit": early_exit(conv_relu(x, second), name=exit),
    }


def at_fog(x: keras.KerasTensor, widths: Widths, *, exit: str, cut: str) -> dict[str, keras.KerasTensor]:
    x = residual(conv_relu(x, 64), 64)
    return {"features": features(x, widths.fog_features, name=cut), "exit": early_exit(x, name=exit)}


def at_cloud(x: keras.KerasTensor, *, exit: str) -> dict[str, keras.KerasTensor]:
    x = residual(conv_relu(x, 64), 64)
    x = residual(residual(x, 128, stride=2), 128)
    x = residual(x, 128, stride=2)
    return {"exit": early_exit(x, name=exit, dropout=0.3)}


def network() -> keras.Model:
    """The whole of it, as it is trained from a stream: exits by tier, cut at `edge_features` and `fog_features`."""
    pixels = keras.Input(IMAGE_SHAPE, name="input")
    edge = at_edge(pixels, WIDE, exit="edge", cut="edge_features")
    fog = at_fog(edge["features"], WIDE, exit="fog", cut="fog_features")
    cloud = at_cloud(fog["features"], exit="cloud")
    return keras.Model(pixels, {"edge": edge["exit"], "fog": fog["exit"], "cloud": cloud["exit"]})


def augment(inputs: npt.NDArray[np.uint8], random: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Shift by up to two pixels, mirror every second image: clothes stay what they are."""
    height, width = inputs.shape[1:3]
    padded = np.pad(inputs, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    at = np.arange(len(inputs)), *random.integers(0, 2 * SHIFT + 1, (2, len(inputs)))
    shifted: npt.NDArray[np.uint8] = np.moveaxis(windows[at], 1, -1)
    mirrored = random.random(len(inputs)) < 0.5
    shifted[mirrored] = shifted[mirrored, :, ::-1]
    return shifted


def edge() -> keras.Model:
    pixels = keras.Input(IMAGE_SHAPE, name="input")
    return keras.Model(pixels, at_edge(pixels, NARROW, exit="exit", cut="features"), name="edge")


def fog() -> keras.Model:
    sent = received(NARROW.edge_features)
    return keras.Model(sent, at_fog(sent, NARROW, exit="exit", cut="features"), name="fog")


def cloud() -> keras.Model:
    sent = received(NARROW.fog_features)
    return keras.Model(sent, at_cloud(sent, exit="exit"), name="cloud")


def sub_models() -> dict[str, keras.Model]:
    """The narrow one in its parts, as `train.py` trains it and the artifacts here are."""
    return {"edge": edge(), "fog": fog(), "cloud": cloud()}


def joint(parts: dict[str, keras.Model]) -> keras.Model:
    """The whole network, one output a tier, so that one training teaches every exit."""
    pixels = keras.Input(IMAGE_SHAPE, name="input")
    at_edge = parts["edge"](pixels)
    at_fog = parts["fog"](at_edge["features"])
    at_cloud = parts["cloud"](at_fog["features"])
    return keras.Model(pixels, {"edge": at_edge["exit"], "fog": at_fog["exit"], "cloud": at_cloud["exit"]})
