"""PyTorch modules written apart, each giving `features` to the next, joined into one that is trained as a whole.

The exits are called as the tiers, and each hangs above what its tier sends up, however deep within its part its head
begins. Parameters and layers are called after their tier, as `edge.conv`: each file may use the same names.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from agent.training.networks.network import Link
from agent.training.networks.torch_graph import type_name
from agent.training.networks.torch_library import library
from agent.training.networks.torch_network import TorchNetwork, answered, module_and_example, record_of
from shared.errors import ModelError

Module = Any
Tensor = Any
_EXIT, _FEATURES = "exit", "features"


def joined(links: Sequence[Link]) -> TorchNetwork:
    """Raises ModelError with the place of the link that does not fit."""
    modules: dict[str, Module] = {}
    first, below = None, None
    for number, link in enumerate(links, 1):
        try:
            module, example = module_and_example(link.returned)
            outputs = _outputs(module, example, is_last=number == len(links))
            if below is not None:
                _require_fit(below, example)
        except ModelError as error:
            raise ModelError(f"{link.place}: tier {link.tier!r}: {error}") from error
        first, below = (example if first is None else first), outputs.get(_FEATURES)
        modules[link.tier] = module
    joints = {link.tier: _sent(link.tier) for link in links[:-1]}
    try:
        return TorchNetwork(_chained(modules), first, joints)
    except ModelError as error:
        raise ModelError(f"{links[-1].place}: {error}") from error


def _outputs(module: Module, example: Tensor, *, is_last: bool) -> dict[str, Tensor]:
    outputs = answered(module, example)
    wanted = {_EXIT} if is_last else {_EXIT, _FEATURES}
    if outputs.keys() != wanted:
        remedy = (
            "the last file of a chain gives its `exit` alone"
            if is_last
            else "every file but the last gives `features`, for the next one, and `exit`"
        )
        raise ModelError(f"forward() gives {', '.join(map(repr, outputs))}: {remedy}")
    return outputs


def _require_fit(features: Tensor, example: Tensor) -> None:
    if type_name(features) != type_name(example) or features.shape[1:] != example.shape[1:]:
        raise ModelError(
            f"its example is {type_name(example)} {list(record_of(example).shape)} and the tier below gives features "
            f"{type_name(features)} {list(features.shape[1:])}: make them the same"
        )


def _chained(modules: Mapping[str, Module]) -> Module:
    def forward(chain: Module, records: Tensor) -> dict[str, Tensor]:
        found = {}
        for tier in modules:
            outputs = chain.get_submodule(tier)(records)
            found[tier] = outputs[_EXIT]
            if _FEATURES in outputs:
                records = found[_sent(tier)] = outputs[_FEATURES]
        return found

    chain = type("Chain", (library().nn.Module,), {"forward": forward})()
    for tier, module in modules.items():
        chain.add_module(tier, module)
    return chain


def _sent(tier: str) -> str:
    """No tier can be called so."""
    return f"{tier} sends"
