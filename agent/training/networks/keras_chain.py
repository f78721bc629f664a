"""Keras models written apart, each giving `features` to the next, joined into one network that is trained as a whole.

The exits are called as the tiers, and each hangs above what its tier sends up, however deep within its part its head
begins. Layers of a part are called after their tier, as `edge.conv`: each file may use the same names.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agent.training.networks.keras_graph import Graph
from agent.training.networks.keras_library import libraries, model_errors
from agent.training.networks.keras_network import KerasNetwork, functional, spec_of
from agent.training.networks.keras_replay import replayed
from agent.training.networks.network import Link
from shared.errors import ModelError

Model = Any
Tensor = Any
_EXIT, _FEATURES = "exit", "features"
_REMEDY = "return keras.Model(inputs, {'features': ..., 'exit': ...})"


def joined(links: Sequence[Link]) -> KerasNetwork:
    """Raises ModelError with the place of the link that does not fit."""
    input, below = None, None
    exits: dict[str, Tensor] = {}
    joints: dict[str, Tensor] = {}
    for number, link in enumerate(links, 1):
        try:
            model, outputs = _read(link, is_last=number == len(links))
            if below is not None:
                _require_fit(below, model.inputs[0])
                with model_errors("joining it with the tier below"):
                    outputs = replayed(outputs, at=model.inputs[0], by=below)
        except ModelError as error:
            raise ModelError(f"{link.place}: tier {link.tier!r}: {error}") from error
        input = model.inputs[0] if input is None else input
        exits[link.tier] = outputs[_EXIT]
        below = joints[link.tier] = outputs.get(_FEATURES)
    return _network(input, exits, {tier: tensor for tier, tensor in joints.items() if tensor is not None}, links)


def _network(
    input: Tensor, exits: Mapping[str, Tensor], joints: Mapping[str, Tensor], links: Sequence[Link]
) -> KerasNetwork:
    _, keras = libraries()
    try:
        with model_errors("joining the tiers"):
            return KerasNetwork(keras.Model(input, dict(exits)), joints)
    except ModelError as error:
        raise ModelError(f"{links[-1].place}: {error}") from error


def _read(link: Link, *, is_last: bool) -> tuple[Model, dict[str, Tensor]]:
    model = functional(link.returned)
    if len(model.inputs) != 1:
        raise ModelError(f"it has {len(model.inputs)} inputs: a record is one tensor, and so are features")
    spec_of(model.inputs[0], "the input")
    outputs = _last_outputs(model) if is_last else _lower_outputs(model)
    for name, tensor in outputs.items():
        spec_of(tensor, name)
    _call_after(link.tier, outputs)
    return model, outputs


def _lower_outputs(model: Model) -> dict[str, Tensor]:
    named = dict(_named(model))
    if set(named) != {_EXIT, _FEATURES} or len(model.outputs) != len(named):
        raise ModelError(
            f"it gives {_listed(named)}; every file but the last gives `features`, for the next one, and `exit`: "
            f"{_REMEDY}"
        )
    if named[_FEATURES] is model.inputs[0]:
        raise ModelError("its features are its input: a tier without layers is none")
    return named


def _last_outputs(model: Model) -> dict[str, Tensor]:
    if len(model.outputs) != 1:
        raise ModelError(f"it gives {_listed(dict(_named(model)))}; the last file of a chain gives its `exit` alone")
    return {_EXIT: model.outputs[0]}


def _named(model: Model) -> Iterator[tuple[str, Tensor]]:
    """By the keys of a dict, else by the layers."""
    # A Sequential has `outputs` alone.
    given = getattr(model, "output", None)
    if isinstance(given, dict):
        yield from given.items()
        return
    for tensor in model.outputs:
        yield tensor._keras_history.operation.name, tensor


def _listed(named: Mapping[str, Tensor]) -> str:
    return ", ".join(map(repr, named))


def _require_fit(features: Tensor, input: Tensor) -> None:
    given, taken = spec_of(features, "features"), spec_of(input, "the input")
    if given != taken:
        raise ModelError(
            f"it takes {taken.dtype} {list(taken.shape)} and the tier below gives features {given.dtype} "
            f"{list(given.shape)}: make them the same"
        )


def _call_after(tier: str, outputs: Mapping[str, Tensor]) -> None:
    operations = {id(made.operation): made.operation for made in Graph(list(outputs.values())).made}
    for operation in operations.values():
        operation.name = f"{tier}.{operation.name}"
