"""A PyTorch module as a network: one input, exits by name, and where it can be cut.

The file's `network()` returns the module and an example of its input, as torch.export takes them:

    def network():
        return Net(), torch.zeros(1, 28, 28)

The example's first length is the batch, the others and the type are what the network takes of a record; its numbers do
not matter. `forward` takes such a batch of any length and returns a dict of exits from the sensor up, the whole
network's answer last: `{"edge": ..., "cloud": ...}`.
"""

import os
import random
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.training.cutting.severing import possible_cuts
from agent.training.networks.exit_cuts import exit_cuts, require_names, require_one_shape
from agent.training.networks.torch_graph import Graph, Made, captured, pair_of, resting, type_name
from agent.training.networks.torch_library import library, model_errors
from agent.training.networks.torch_weights import arrays, take_over
from shared.documents import Description, ExitOutput, Framework, LayerOutput, PossibleCut
from shared.documents.types import DType, TensorSpec
from shared.errors import ModelError

Arrays = dict[str, NDArray[Any]]
Module = Any
Tensor = Any
_HOW = "return the module and an example of its input, as `return Net(), torch.zeros(1, 28, 28)`"
_ANY_LENGTH = (
    "in forward(), take the length of a batch as x.shape[0], never as len(x) or a number, and decide nothing by what a "
    "tensor holds"
)


def prepare(seed: int, threads: int | None) -> None:
    """What is drawn from now on depends on the seed alone; what is computed, on that and the number of threads.

    A sum that is shared among threads is rounded as it was shared. On the processor an operation that cannot be
    repeated bit for bit fails; on a GPU, where common ones cannot, PyTorch warns. Raises UnavailableError.
    """
    # cuBLAS looks when it is first used, and sums in any order without it.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # A thread that waits for the others must not keep a core busy that a busy node could use: read on import.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    torch = library()
    if threads is not None:
        torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)


def adapted(returned: object) -> "TorchNetwork":
    """Raises ModelError, without a place."""
    return TorchNetwork(*module_and_example(returned))


def module_and_example(returned: object) -> tuple[Module, Tensor]:
    """Raises ModelError, without a place."""
    torch = library()
    match returned:
        case (module, example) if isinstance(module, torch.nn.Module) and isinstance(example, torch.Tensor):
            return module, _checked(example)
        case (module, _) if isinstance(module, torch.nn.Module):
            raise ModelError(f"network() returns a module and no example that is one tensor: {_HOW}")
    raise ModelError(f"network() returns {type(returned).__name__}: {_HOW}")


class TorchNetwork:
    """`joints`: of a chain, which outputs are not exits but what each tier sends up, by exit; else cuts are found.

    Raises ModelError, without a place, for what cannot be exported and for exits that are not clear.
    """

    def __init__(self, module: Module, example: Tensor, joints: Mapping[str, str] | None = None) -> None:
        self.module = module
        self.example = example
        outputs = answered(module, example)
        require_names(outputs)
        self.exits = tuple(name for name in outputs if name not in (joints or {}).values())
        _require_numbers(module)
        self.trainable = tuple(name for name, one in module.named_parameters() if one.requires_grad)
        graph = self.captured()
        exits = {name: _spec(graph, name) for name in self.exits}
        require_one_shape(exits)
        self.output = exits[self.exits[-1]]
        self._described = _described(graph, exits, joints, input=record_of(example), parameters=_count(module))

    def ordered(self, results: Mapping[str, Tensor]) -> list[Tensor]:
        """What calling the module gives, in the order of `exits`."""
        return [results[name] for name in self.exits]

    def captured(self) -> Graph:
        """With the weights as they are now. Raises ModelError."""
        with model_errors("torch.export, without which the network cannot be deployed,", remedy=_ANY_LENGTH):
            return captured(self.module, self.example)

    def variables(self) -> dict[str, Tensor]:
        """Parameters and buffers themselves, by the name PyTorch has for them: everything an answer depends on."""
        return {**dict(self.module.named_parameters()), **dict(self.module.named_buffers())}

    def weights(self) -> Arrays:
        """Copies, by name, as `conv.weight`."""
        return arrays(self.variables())

    def restore_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        """Raises ModelError for those of another network."""
        take_over(self.variables(), weights, otherwise="these are weights of another network")

    def described(self) -> Description:
        return self._described


def _checked(example: Tensor) -> Tensor:
    if example.dim() < 1 or not len(example) or type_name(example) not in list(DType):
        raise ModelError(
            f"the example is {type_name(example)} {list(example.shape)}: its first length is the batch, the others and "
            f"the type are a record's, one of {', '.join(DType)}"
        )
    return example


def answered(module: Module, example: Tensor) -> dict[str, Tensor]:
    """Of two records. Raises ModelError for anything but a dict of tensors."""
    torch = library()
    with model_errors("forward(), called with two of the example,"), resting(module), torch.no_grad():
        results = module(pair_of(example))
    if not isinstance(results, dict) or not results:
        raise ModelError(
            f"forward() returns {type(results).__name__}: return a dict of exits from the sensor up, the whole "
            'network\'s answer last, as {"edge": low, "cloud": high}'
        )
    for name, result in results.items():
        if not isinstance(result, torch.Tensor):
            raise ModelError(f"exit {name!r} is {type(result).__name__}: let forward() return one tensor for each exit")
    return results


def _require_numbers(module: Module) -> None:
    for name, parameter in module.named_parameters():
        if type_name(parameter) not in list(DType):
            raise ModelError(
                f"the parameter {name!r} is {type_name(parameter)}: keep parameters in float32, and ask for mixed "
                "precision where the run is"
            )


def _spec(graph: Graph, exit: str) -> TensorSpec:
    node = graph.exits[exit]
    spec = graph.spec(node) if graph.name(node) else None
    if spec is None:
        raise ModelError(
            f"exit {exit!r} is no tensor [batch, ...] made from the input, of a fixed shape for each record and one of "
            f"the types {', '.join(DType)}"
        )
    return spec


def record_of(example: Tensor) -> TensorSpec:
    return TensorSpec(dtype=DType(type_name(example)), shape=tuple(example.shape[1:]))


def _count(module: Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _described(
    graph: Graph,
    exits: Mapping[str, TensorSpec],
    joints: Mapping[str, str] | None,
    *,
    input: TensorSpec,
    parameters: int,
) -> Description:
    answers = {name: graph.name(graph.exits[name]) for name in exits}
    cuts = exit_cuts(graph.layers, answers) if joints is None else _joint_cuts(graph, exits, joints)
    hanging = {cut: name for name, cut in cuts.items() if cut}
    severing = set(possible_cuts(graph.layers, output=answers[list(exits)[-1]]))
    found = [(made, graph.spec(made.node)) for made in graph.made]
    return Description(
        framework=Framework.TORCH,
        input=input,
        exits=tuple(ExitOutput(name=name, output=spec, cut=cuts[name]) for name, spec in exits.items()),
        layers=tuple(_layer(made, spec) for made, spec in found),
        cuts=tuple(
            _cut(made.layer.name, spec, hanging.get(made.layer.name))
            for made, spec in found
            if made.layer.name in severing and spec is not None
        ),
        parameters=parameters,
    )


def _joint_cuts(graph: Graph, exits: Iterable[str], joints: Mapping[str, str]) -> dict[str, str | None]:
    return {name: graph.name(graph.exits[joints[name]]) if name in joints else None for name in exits}


def _layer(made: Made, spec: TensorSpec | None) -> LayerOutput:
    shape = None if spec is None else spec.shape
    return LayerOutput(name=made.layer.name, kind=made.kind, parameters=made.parameters, output=shape)


def _cut(name: str, features: TensorSpec, exit: str | None) -> PossibleCut:
    return PossibleCut(name=name, features=features, features_bytes=features.size_bytes, exit=exit)
