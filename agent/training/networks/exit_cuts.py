"""What every network's exits must be, whatever its framework. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from agent.training.cutting.severing import Layer, exit_cut, possible_cuts
from agent.training.judging.deployed import WHOLE
from shared.documents.types import TensorSpec
from shared.errors import DocumentError, ModelError

_LONGEST = 255


def require_names(names: Iterable[object]) -> None:
    """Raises ModelError."""
    for name in names:
        if not isinstance(name, str) or not 1 <= len(name) <= _LONGEST or name == WHOLE:
            raise ModelError(f"no exit can be called {name!r}: choose another name of at most {_LONGEST} characters")


def require_one_shape(exits: Mapping[str, TensorSpec]) -> None:
    """Raises ModelError."""
    (first, shape), *others = exits.items()
    for name, spec in others:
        if spec.shape != shape.shape:
            raise ModelError(
                f"exit {name!r} has the shape {list(spec.shape)} and exit {first!r} {list(shape.shape)}: "
                "every exit answers the same question, in one shape"
            )


def exit_cuts(layers: Sequence[Layer], exits: Mapping[str, str]) -> dict[str, str | None]:
    """The cut below each exit. The network's answer hangs above none, every other exit above one of its own.

    `exits`: from the sensor up, the layer whose output it is. Raises ModelError.
    """
    *early, last = exits
    cuts = {name: _exit_cut(layers, name, exits) for name in early}
    order = possible_cuts(layers, output=exits[last])
    for lower, upper in pairwise(early):
        if order.index(cuts[lower]) >= order.index(cuts[upper]):
            raise ModelError(
                f"exit {upper!r} does not lie above exit {lower!r}: list the exits from the sensor up, each above "
                "a layer of its own, the whole network's answer last"
            )
    return {**cuts, last: None}


def _exit_cut(layers: Sequence[Layer], name: str, exits: Mapping[str, str]) -> str:
    last = list(exits)[-1]
    try:
        cut = exit_cut(layers, exit=exits[name], output=exits[last])
    except DocumentError as error:
        raise ModelError(f"exit {name!r}: {error}") from error
    if cut is None:
        raise ModelError(
            f"exit {name!r} hangs above no cut: let its head read exactly one layer, whose output is the only "
            f"tensor that goes on to the last exit, {last!r}"
        )
    return cut
