"""A small network for Fashion-MNIST with an exit at the edge and one in the cloud, to be trained by sites together.

There is no batch normalisation in it: its running means are a site's own, and the mean of three sites' is nobody's.
"""

import keras
from keras import layers


def network() -> keras.Model:
    pixels = keras.Input((28, 28, 1), name="input")
    x = layers.Rescaling(1 / 255)(pixels)
    x = layers.Conv2D(16, 5, strides=2, padding="same", activation="relu")(x)
    near = layers.Conv2D(8, 3, strides=2, padding="same")(x)
    near = layers.ReLU(max_value=6.0, name="edge_features")(near)
    edge = layers.Dense(10, activation="softmax", name="edge")(layers.Flatten()(near))
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(near)
    x = layers.Dense(128, activation="relu")(layers.Flatten()(x))
    cloud = layers.Dense(10, activation="softmax", name="cloud")(x)
    return keras.Model(pixels, {"edge": edge, "cloud": cloud})
