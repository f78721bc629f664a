"""What learns of a PyTorch network: all of it, or what lies between one exit's cut and the next exit."""

from typing import Any, NamedTuple

from agent.training.cutting.severing import leading_to
from agent.training.networks.torch_network import TorchNetwork

Tensor = Any


class Part(NamedTuple):
    """`learning`: the parameters that learn, by name. `modules`: paths of those that do, None: all of them.

    Other modules answer as they will when deployed: their statistics and dropout are at rest.
    """

    learning: dict[str, Tensor]
    modules: frozenset[str] | None


def part(network: TorchNetwork, alone: str | None) -> Part:
    """`alone`: the exit that learns by itself, what lies below the exit beneath it frozen; None: all of them learn."""
    trainable = {name: network.module.get_parameter(name) for name in network.trainable}
    if alone is None:
        return Part(trainable, None)
    graph, exits = network.captured(), network.described().exits
    at = network.exits.index(alone)
    below = exits[at - 1].cut if at else None
    theirs = [] if below is None else [layer.name for layer in leading_to(graph.layers, below)]
    ours = [layer.name for layer in leading_to(graph.layers, graph.name(graph.exits[alone]))]
    ours = [name for name in ours if name not in theirs]
    # A parameter or module that is used on both sides of the cut belongs to the lower one.
    learning = graph.weights(ours) - graph.weights(theirs)
    modules = graph.modules(ours) - graph.modules(theirs)
    return Part({name: one for name, one in trainable.items() if id(one) in learning}, frozenset(modules))
