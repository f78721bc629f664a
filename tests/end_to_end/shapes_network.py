"""A network as a user writes it: three shapes in 8x8 bytes, an exit at the edge and one in the cloud."""

import keras
from keras import layers


def network() -> keras.Model:
    pixels = keras.Input((8, 8, 1), name="input")
    x = layers.ReLU()(layers.Conv2D(4, 3, strides=2, padding="same")(layers.Rescaling(1 / 255)(pixels)))
    edge = layers.Dense(3, activation="softmax", name="edge")(layers.Flatten()(x))
    y = layers.Dropout(0.1)(layers.Dense(16, activation="relu")(layers.Flatten()(x)))
    return keras.Model(pixels, {"edge": edge, "cloud": layers.Dense(3, activation="softmax", name="cloud")(y)})
