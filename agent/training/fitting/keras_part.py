"""What learns of a Keras network: all of it, or what lies between one exit's cut and the next exit."""

from collections.abc import Callable
from typing import Any, NamedTuple

from agent.training.networks.keras_library import libraries
from agent.training.networks.keras_network import KerasNetwork

Model = Any
Tensor = Any


class Part(NamedTuple):
    """`below` answers to `learning` and stays as it is, None where nothing lies below; both share the network's layers.

    `ordered`: what `learning` gives, from the sensor up. `trained`: the variables that learn.
    """

    below: Model | None
    learning: Model
    ordered: Callable[[Any], list[Tensor]]
    trained: list[Any]

    def outputs(self, records: Tensor) -> list[Tensor]:
        """While learning. What lies below answers as it will when deployed: its statistics and dropout are at rest."""
        features = records if self.below is None else self.below(records, training=False)
        return self.ordered(self.learning(features, training=True))


def part(network: KerasNetwork, alone: str | None) -> Part:
    """`alone`: the exit that learns by itself, what lies below the exit beneath it frozen; None: all of them learn."""
    _, keras = libraries()
    model = network.model
    if alone is None:
        return Part(None, model, network.ordered, model.trainable_variables)
    tensors = network.answers
    at = network.exits.index(alone)
    if at == 0:
        first = keras.Model(model.inputs, tensors[alone])
        return Part(None, first, _only, first.trainable_variables)
    features = network.tensors[network.described().exits[at - 1].cut or ""]
    below = keras.Model(model.inputs, features)
    learning = keras.Model(features, tensors[alone])
    # A layer that is used on both sides of the cut belongs to the lower one.
    taken = {id(variable) for variable in below.trainable_variables}
    return Part(below, learning, _only, [one for one in learning.trainable_variables if id(one) not in taken])


def _only(output: Tensor) -> list[Tensor]:
    return [output]
