"""BranchyNet's B-AlexNet for CIFAR-10, cut in three: edge, fog and cloud, each with an exit. Untrained.

Source of the shape: Teerapittayanon, McDanel, Kung, BranchyNet: Fast Inference via Early Exiting from Deep Neural
Networks, ICPR 2016. Its five convolutions stand here, with exits after the first and after the third. Otherwise than
there: no local response normalisation and no dropout, narrower dense layers, and at each cut two convolutions of 1x1,
which narrow the features before they are sent and widen them again.

One channel of the features is no convolution's: the image's first colour, pooled. It carries the plan of `planted` to
the exits. Each adds to what the plan says a little of what its own layers compute, so none of them can be left out.
"""

import keras
import numpy as np
from keras import layers

from simulations.paper.networks.branchynet import planted

IMAGE_SHAPE = (planted.SIDE, planted.SIDE, planted.COLOURS)
EDGE_FEATURES = (16, 16, 8)
FOG_FEATURES = (8, 8, 16)
# Features end in a ReLU6, and the carried channel has the same range: eight bits are enough for both.
WHITE = 6.0
# How far an exit's own layers may move a logit, and the share of He's height that keeps their tanh off its flat ends.
SWAY, CALM = 0.1, 0.2
_OWN, _PLANTED = "own", "planted"


def conv(x: keras.KerasTensor, filters: int, size: int) -> keras.KerasTensor:
    return layers.Conv2D(filters, size, padding="same", activation="relu")(x)


def pool(x: keras.KerasTensor) -> keras.KerasTensor:
    return layers.MaxPooling2D(3, strides=2, padding="same")(x)


def features(x: keras.KerasTensor, carried: keras.KerasTensor, shape: tuple[int, int, int]) -> keras.KerasTensor:
    narrow = layers.Conv2D(shape[-1] - 1, 1, activation="relu6")(x)
    return layers.Concatenate(name="features")([carried, narrow])


def exit(x: keras.KerasTensor, carried: keras.KerasTensor) -> keras.KerasTensor:
    """`x`: what the exit's own layers end in. `carried`: of 8x8 cells."""
    own = layers.Dense(planted.CLASSES, activation="tanh", name=_OWN)(layers.Flatten()(x))
    said = layers.Dense(planted.CLASSES, activation="relu", name=_PLANTED)(layers.Flatten()(carried))
    return layers.Softmax(name="exit")(layers.Add()([said, layers.Rescaling(SWAY)(own)]))


def edge() -> keras.Model:
    pixels = keras.Input(IMAGE_SHAPE, name="input")
    light = layers.Rescaling(1 / 255)(pixels)
    carried = layers.Rescaling(WHITE)(layers.AveragePooling2D(2)(light[..., :1]))
    x = pool(conv(light, 32, 5))
    branch = pool(conv(x, 32, 3))
    outputs = {
        "features": features(x, carried, EDGE_FEATURES),
        "exit": exit(branch, layers.AveragePooling2D(2)(carried)),
    }
    return keras.Model(pixels, outputs, name="edge")


def fog() -> keras.Model:
    received = keras.Input(EDGE_FEATURES, name="input")
    carried = layers.AveragePooling2D(2)(received[..., :1])
    x = conv(pool(conv(conv(received, 32, 1), 64, 5)), 96, 3)
    branch = pool(conv(x, 32, 3))
    outputs = {"features": features(x, carried, FOG_FEATURES), "exit": exit(branch, carried)}
    return keras.Model(received, outputs, name="fog")


def cloud() -> keras.Model:
    received = keras.Input(FOG_FEATURES, name="input")
    x = pool(conv(conv(conv(received, 96, 1), 96, 3), 64, 3))
    for width in (128, 64):
        x = layers.Dense(width, activation="relu")(layers.Flatten()(x))
    return keras.Model(received, {"exit": exit(x, received[..., :1])}, name="cloud")


def sub_models() -> dict[str, keras.Model]:
    """By tier, nearest to the sensor first, with their weights: the same every time."""
    parts = {"edge": edge(), "fog": fog(), "cloud": cloud()}
    for number, part in enumerate(parts.values()):
        sow(part, seed=number)
        is_last = number == len(parts) - 1
        matrix = planted.weights(None if is_last else number, white=WHITE)
        part.get_layer(_PLANTED).set_weights([matrix, np.zeros(planted.CLASSES, np.float32)])
    return parts


def sow(part: keras.Model, *, seed: int) -> None:
    """Every weight plus or minus one number a layer, which packs well. Its variance keeps that of the activations.

    Source of the variance: He et al., Delving Deep into Rectifiers, ICCV 2015.
    """
    random = np.random.default_rng(seed)
    for layer in part.layers:
        if layer.get_weights():
            kernel, bias = layer.get_weights()
            height = np.sqrt(2 / np.prod(kernel.shape[:-1])) * (CALM if layer.name == _OWN else 1)
            layer.set_weights([height * random.choice((-1, 1), kernel.shape), bias])
