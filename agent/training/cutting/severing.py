"""Which layers a network can be cut after: those whose output is the only tensor that passes from below to above.

Inside a residual block two tensors pass, the block's and its shortcut's; between blocks there is one.
"""

from collections.abc import Sequence
from typing import NamedTuple

from shared.errors import DocumentError


class Layer(NamedTuple):
    """One layer, one output. A layer without `inputs` is an input of the network."""

    name: str
    inputs: tuple[str, ...] = ()


def possible_cuts(layers: Sequence[Layer], *, output: str) -> list[str]:
    """The layers that one tensor leaves, from the input's side on; neither an only input nor `output` is among them.

    `layers` stand in an order in which each comes after its inputs. What does not lead to `output`, as an exit's head,
    is passed over. Raises DocumentError where the order is broken or a layer is not there.
    """
    trunk = leading_to(layers, output)
    last_use = {name: index for index, layer in enumerate(trunk) for name in layer.inputs}
    open_tensors = {layer.name for layer in trunk if not layer.inputs}
    cuts = []
    for index, layer in enumerate(trunk):
        if not layer.inputs:
            continue
        open_tensors.add(layer.name)
        open_tensors -= {name for name in layer.inputs if last_use[name] == index}
        if open_tensors == {layer.name} and layer.name != output:
            cuts.append(layer.name)
    return cuts


def exit_cut(layers: Sequence[Layer], *, exit: str, output: str) -> str | None:
    """The cut where an exit can stand: the only layer of the trunk that its head reads. None where that is no cut."""
    trunk = {layer.name for layer in leading_to(layers, output)}
    head = [layer for layer in leading_to(layers, exit) if layer.name not in trunk]
    read = {name for layer in head for name in layer.inputs if name in trunk}
    cuts = read & set(possible_cuts(layers, output=output))
    return cuts.pop() if len(read) == 1 and cuts else None


def leading_to(layers: Sequence[Layer], output: str) -> list[Layer]:
    """The layers that `output` depends on, itself among them, in their order. Raises DocumentError, as above."""
    _check_order(layers, output)
    needed = {output}
    for layer in reversed(layers):
        if layer.name in needed:
            needed.update(layer.inputs)
    return [layer for layer in layers if layer.name in needed]


def _check_order(layers: Sequence[Layer], output: str) -> None:
    seen: set[str] = set()
    for layer in layers:
        for name in layer.inputs:
            if name not in seen:
                raise DocumentError(f"layer {layer.name!r} comes before its input {name!r}, or has none so called")
        if layer.name in seen:
            raise DocumentError(f"two layers are called {layer.name!r}")
        seen.add(layer.name)
    if output not in seen:
        raise DocumentError(f"no layer is called {output!r}")
