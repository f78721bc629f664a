"""What a PyTorch module computes, as torch.export records it: a graph of tensors, one layer each.

A layer is called as its author did: by the path of the module whose result it is, the outermost one that has no other
(`block.conv`, `block`), or by the operator where forward() calls it itself (`block.add`). Batch lengths and what does
not depend on the record, a position table say, are no layers: any part of the network can make them again.
"""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from operator import getitem
from typing import Any, NamedTuple

from agent.training.cutting.severing import Layer
from agent.training.networks.torch_library import library
from shared.documents.types import DType, TensorSpec

# A node of torch.fx. Its `meta` has the tensor it gives (`val`) and the modules it was called in (`nn_module_stack`).
Node = Any
Module = Any
Program = Any
Tensor = Any


class Made(NamedTuple):
    layer: Layer
    kind: str
    parameters: int
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """`made` in the order of computing, the input first; `exits`: the node of each."""

    program: Program
    made: tuple[Made, ...]
    exits: Mapping[str, Node]

    @property
    def layers(self) -> list[Layer]:
        return [one.layer for one in self.made]

    def name(self, node: Node) -> str:
        """Empty for a result that does not depend on the record."""
        return next((one.layer.name for one in self.made if one.node is node), "")

    def node(self, layer: str) -> Node:
        return next(one.node for one in self.made if one.layer.name == layer)

    def weights(self, layers: Collection[str]) -> set[int]:
        """The `id` of every parameter, buffer and constant that these read."""
        stored, nodes = weights(self.program), {one.node for one in self.made}
        read = {name for one in self.made if one.layer.name in layers for name in _read(one.node, nodes)}
        return {id(stored[name]) for name in read & stored.keys()}

    def modules(self, layers: Collection[str]) -> set[str]:
        """The paths of the modules whose forward() computes these."""
        return {_innermost(one.node)[0] for one in self.made if one.layer.name in layers}

    def spec(self, node: Node) -> TensorSpec | None:
        """Of one record; None where that has no fixed shape, or a type that no record has."""
        tensor = node.meta["val"]
        if not tensor.dim() or not _is_batch(tensor.shape[0], self.program):
            return None
        shape, dtype = tuple(tensor.shape[1:]), type_name(tensor)
        is_fixed = all(isinstance(length, int) for length in shape)
        return TensorSpec(dtype=DType(dtype), shape=shape) if is_fixed and dtype in list(DType) else None


def captured(module: Module, example: Tensor) -> Graph:
    """As it answers, in evaluation mode, for batches of any length. Raises what PyTorch and forward() raise."""
    torch = library()
    records = torch.export.Dim("records", min=1)
    with resting(module), _leaving_traces(module):
        program = torch.export.export(module, (pair_of(example),), dynamic_shapes=({0: records},), strict=False)
        # Otherwise operators that write into their input stay, and hide what depends on what.
        program = program.run_decompositions({})
    return _graph(program)


@contextmanager
def resting(module: Module) -> Iterator[None]:
    """In evaluation mode; each module is then again as it was."""
    modes = [(one, one.training) for one in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for one, mode in modes:
            one.training = mode


@contextmanager
def _leaving_traces(module: Module) -> Iterator[None]:
    """Dropout at rest leaves a copy, for without a trace nobody could say below which cut it lies."""
    kind = library().nn.modules.dropout._DropoutNd
    found = [one for one in module.modules() if isinstance(one, kind)]
    hooks = [one.register_forward_hook(lambda _module, _given, result: result.clone()) for one in found]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def is_at_rest(node: Node) -> bool:
    """Whether it only copies, being the place of a dropout."""
    return node.target is library().ops.aten.clone.default and "Dropout" in _innermost(node)[1]


def pair_of(example: Tensor) -> Tensor:
    """Its first record twice: a batch of one would be taken for a length that never changes."""
    return example[:1].repeat(2, *[1] * (example.dim() - 1))


def given(program: Program) -> Node:
    """The node of the record."""
    (name,) = program.graph_signature.user_inputs
    return next(node for node in program.graph.nodes if node.name == name)


def weights(program: Program) -> dict[str, Tensor]:
    """Parameters, buffers and constants by the name of their node."""
    signature = program.graph_signature
    stored = {**program.constants, **program.state_dict}
    names = {
        **signature.inputs_to_parameters,
        **signature.inputs_to_buffers,
        **signature.inputs_to_lifted_tensor_constants,
    }
    return {node: stored[name] for node, name in names.items()}


def is_batch_length(node: Node, program: Program) -> bool:
    return _is_batch(node.meta.get("val"), program)


def type_name(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def _is_batch(length: object, program: Program) -> bool:
    batch = given(program).meta["val"].shape[0]
    return isinstance(length, library().SymInt) and length.node.expr == batch.node.expr


def _graph(program: Program) -> Graph:
    torch = library()
    start = given(program)
    sources: dict[Node, tuple[Node, ...]] = {start: ()}
    through: dict[Node, tuple[Node, ...]] = {start: (start,)}
    for node in program.graph.nodes:
        if node.op != "call_function" or isinstance(node.meta.get("val"), torch.SymInt):
            continue
        read = tuple(dict.fromkeys(layer for one in node.all_input_nodes for layer in through.get(one, ())))
        is_layer = bool(read) and isinstance(node.meta.get("val"), torch.Tensor)
        if is_layer:
            sources[node] = read
        through[node] = (node,) if is_layer else read
    exits = _exits(program)
    return Graph(program=program, made=tuple(_made(program, sources, exits.values())), exits=exits)


def _exits(program: Program) -> dict[str, Node]:
    results = next(reversed(program.graph.nodes)).args[0]
    named: dict[str, Node] = library().utils._pytree.tree_unflatten(results, program.call_spec.out_spec)
    return named


def _made(program: Program, sources: Mapping[Node, tuple[Node, ...]], exits: Iterable[Node]) -> Iterable[Made]:
    results = _results(sources, exits)
    counted = _Counted(program, sources)
    names: dict[Node, str] = {}
    uses: Counter[str] = Counter()
    for node, read in sources.items():
        name = _name(node, results)
        names[node] = f"{name}:{uses[name]}" if uses[name] else name
        uses[name] += 1
        layer = Layer(names[node], tuple(names[one] for one in read))
        yield Made(layer, _kind(node, results), counted.parameters(node), node)


def _results(sources: Mapping[Node, tuple[Node, ...]], exits: Iterable[Node]) -> dict[str, Node]:
    """By call of a module, the one layer in it that is read from outside."""
    read: dict[str, set[Node]] = {}
    for node, inputs in [*sources.items(), *((None, (one,)) for one in exits)]:
        here = _calls(node)
        for one in inputs:
            for call in _calls(one).keys() - here.keys():
                read.setdefault(call, set()).add(one)
    return {call: next(iter(nodes)) for call, nodes in read.items() if len(nodes) == 1}


def _calls(node: Node | None) -> dict[str, tuple[str, str]]:
    """Path and class by call, from the outermost in; the network's own is none. A second call has a key of its own."""
    stack = {} if node is None else node.meta.get("nn_module_stack") or {}
    return {call: (path, kind) for call, (path, kind) in stack.items() if path and not call.startswith("_")}


def _innermost(node: Node) -> tuple[str, str]:
    """Path and class of the module that computes this; empty in the network's own forward()."""
    return [("", ""), *_calls(node).values()][-1]


def _name(node: Node, results: Mapping[str, Node]) -> str:
    if node.op == "placeholder":
        return str(node.name)
    calls = _calls(node)
    for call, (path, _) in calls.items():
        if results.get(call) is node:
            return path
    path, _ = _innermost(node)
    return f"{path}.{_operator(node)}" if path else _operator(node)


def _kind(node: Node, results: Mapping[str, Node]) -> str:
    """The class of the innermost module that this is the result of, else the operator."""
    if node.op == "placeholder":
        return "Input"
    for call, (_, kind) in reversed(_calls(node).items()):
        if results.get(call) is node:
            return kind.rpartition(".")[2]
    return _operator(node)


def _operator(node: Node) -> str:
    target = node.args[0].target if node.target is getitem else node.target
    return str(target.__name__).split(".")[0].strip("_")


class _Counted:
    """Numbers in the parameters that a layer reads, with the first that reads them."""

    def __init__(self, program: Program, layers: Container[Node]) -> None:
        parameters = program.graph_signature.inputs_to_parameters
        self._left = {name: tensor.numel() for name, tensor in weights(program).items() if name in parameters}
        self._layers = layers

    def parameters(self, node: Node) -> int:
        return sum(self._left.pop(name, 0) for name in _read(node, self._layers))


def _read(node: Node, layers: Container[Node]) -> Iterator[str]:
    """The names of the nodes that a layer reads but through other layers."""
    waiting = list(node.all_input_nodes)
    while waiting:
        one = waiting.pop()
        if one not in layers:
            yield str(one.name)
            waiting += one.all_input_nodes
