"""A pull on the weights of a Keras network, as a term of its loss."""

from collections.abc import Callable
from typing import Any

from agent.training.fitting.keras_part import Part
from agent.training.fitting.pull import Pull
from agent.training.networks.keras_library import libraries
from agent.training.networks.keras_network import KerasNetwork

Tensor = Any


def pulled(network: KerasNetwork, part: Part, pull: Pull | None) -> Callable[[], Tensor]:
    """What is added to the loss, as the weights are when it is called. Raises ModelError."""
    if pull is None:
        return lambda: 0.0
    tensorflow, _ = libraries()
    trained = {id(variable) for variable in part.trained}
    learning = {name: one for name, one in network.named_weights().items() if id(one) in trained}
    shapes = {name: tuple(one.shape) for name, one in learning.items()}
    starts, pushes = (
        [(learning[name], tensorflow.constant(array)) for name, array in arrays.items()]
        for arrays in (pull.starts(shapes), pull.pushes(shapes))
    )

    def term() -> Tensor:
        near = [tensorflow.reduce_sum(tensorflow.square(one - start)) for one, start in starts]
        along = [tensorflow.reduce_sum(one * push) for one, push in pushes]
        return pull.proximal / 2 * sum(near) + sum(along)

    return term
