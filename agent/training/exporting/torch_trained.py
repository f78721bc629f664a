"""A trained PyTorch network, severed into modules with one input.

A `.tflite` file of them would come from litert-torch. Its releases want a PyTorch older than the one pinned here, so it
cannot be installed beside it, and its form is not among `forms`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.backends.protocol import Outputs
from agent.training.cutting.severing import leading_to
from agent.training.exporting import torch_program
from agent.training.exporting.part import Part
from agent.training.fitting.learner import Arrays
from agent.training.networks.torch_graph import Graph, given
from agent.training.networks.torch_library import library, model_errors
from agent.training.networks.torch_network import TorchNetwork
from agent.training.networks.torch_weights import arrays
from shared.documents import ArtifactFormat, ExportForm, TensorSpec
from shared.documents.training import TierCut
from shared.errors import ModelError

Module = Any


@dataclass(frozen=True, slots=True, kw_only=True)
class TorchPart:
    """`input`: as the module takes it."""

    module: Module
    input: TensorSpec
    features: TensorSpec | None
    exit: TensorSpec | None

    def run(self, batch: NDArray[Any]) -> Outputs:
        found = _answered(self.module, batch, self.input)
        return Outputs(exit=found.get("exit"), features=found.get("features"))

    def exported(self, form: ExportForm, *, input: TensorSpec, representative: NDArray[Any]) -> bytes:
        return torch_program.written(self.module, self.input, input=input)


class TorchTrained:
    forms: tuple[ExportForm, ...] = (ExportForm(format=ArtifactFormat.TORCH),)

    def __init__(self, network: TorchNetwork) -> None:
        self._network = network
        self._graph: Graph = network.captured()

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        self._network.module.eval()
        found = _answered(self._network.module, inputs, self._network.described().input)
        return {name: found[name] for name in self._network.exits}

    def severed(self, tiers: Sequence[TierCut]) -> tuple[Part, ...]:
        parts = []
        below, taken = given(self._graph.program), self._network.described().input
        for one in tiers:
            part = self._part(one, below, taken)
            parts.append(part)
            if one.cut is not None and part.features is not None:
                below, taken = self._graph.node(one.cut), part.features
        return tuple(parts)

    def _part(self, tier: TierCut, below: Any, taken: TensorSpec) -> TorchPart:  # noqa: ANN401 - a node of PyTorch's
        wanted = {}
        if tier.cut is not None:
            wanted["features"] = self._graph.node(tier.cut)
        if tier.exit is not None:
            wanted["exit"] = self._graph.exits[tier.exit]
        if tier.cut is not None and tier.exit is not None:
            self._require_below(tier.tier, tier.cut, tier.exit)
        try:
            module = torch_program.severed(self._graph, below=below, wanted=wanted)
        except ModelError as error:
            raise ModelError(f"tier {tier.tier!r} cannot answer at exit {tier.exit!r}: {error}") from error
        specs = {role: self._graph.spec(node) for role, node in wanted.items()}
        return TorchPart(module=module, input=taken, features=specs.get("features"), exit=specs.get("exit"))

    def _require_below(self, tier: str, cut: str, exit: str) -> None:
        """Else the tier would compute what lies above its cut, only to throw it away."""
        order = [one.name for one in self._network.described().cuts]
        above = order[order.index(cut) + 1 :]
        answer = self._graph.name(self._graph.exits[exit])
        needed = {layer.name for layer in leading_to(self._graph.layers, answer)}
        if too_high := [name for name in above if name in needed]:
            raise ModelError(
                f"tier {tier!r} is cut after {cut!r} and cannot answer at exit {exit!r}, whose head needs "
                f"{too_high[-1]!r} above it: cut higher, or give that exit to an upper tier"
            )


def _answered(module: Module, batch: NDArray[Any], taken: TensorSpec) -> Arrays:
    torch = library()
    with model_errors("an answer of the network"), torch.no_grad():
        records = torch.from_numpy(np.array(batch)).to(getattr(torch, taken.dtype.value))
        return arrays(module(records))
