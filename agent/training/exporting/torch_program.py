"""A part of a PyTorch network as an exported program: what lies between one tensor and others, with its weights."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.training.networks.torch_graph import Graph, Node, given, is_at_rest, is_batch_length, weights
from agent.training.networks.torch_library import library, model_errors
from shared.documents import TensorSpec
from shared.errors import ModelError

Module = Any


def severed(graph: Graph, *, below: Node, wanted: Mapping[str, Node]) -> Module:
    """Takes batches of what `below` gives, of any length, and returns a dict as `wanted`.

    Raises ModelError where that is not enough to compute them.
    """
    torch = library()
    aten = torch.ops.aten
    needed = _needed(graph, below, wanted)
    root, drawn, stored = torch.nn.Module(), torch.fx.Graph(), weights(graph.program)
    record = drawn.placeholder("records")
    copied: dict[Node, Node] = {below: record}
    for node in graph.program.graph.nodes:
        if node not in needed:
            continue
        if node.name in stored:
            root.register_buffer(node.name, stored[node.name].detach())
            copied[node] = drawn.get_attr(node.name)
        elif is_batch_length(node, graph.program):
            copied[node] = drawn.call_function(aten.sym_size.int, (record, 0))
        elif is_at_rest(node):
            copied[node] = copied[node.args[0]]
        else:
            copied[node] = drawn.node_copy(node, lambda one: copied[one])
            # What was recorded is how a tensor lay in memory then; what arrives lies in order.
            if node.target in (aten.view.default, aten._unsafe_view.default):
                copied[node].target = aten.reshape.default
    drawn.output([copied[node] for node in wanted.values()])
    return _returning(tuple(wanted), torch.fx.GraphModule(root, drawn))


def written(module: Module, taken: TensorSpec, *, input: TensorSpec) -> bytes:
    """The program as torch.export.save has it: equal modules are equal bytes. `input`: a record as it comes.

    Raises ModelError.
    """
    torch = library()
    with model_errors("exporting a part of the network"):
        batch = torch.zeros(2, *input.shape, dtype=getattr(torch, input.dtype.value))
        if input.dtype != taken.dtype:
            module = _casting(module, taken)
        records = torch.export.Dim("records", min=1)
        program = torch.export.export(module, (batch,), dynamic_shapes=({0: records},), strict=False)
        for node in program.graph.nodes:
            # Lines of source and paths of this machine are nobody's business.
            for said in ("stack_trace", "nn_module_stack", "source_fn_stack", "from_node", "torch_fn"):
                node.meta.pop(said, None)
        program.example_inputs = None
        content = io.BytesIO()
        torch.export.save(program, content)
    return content.getvalue()


def _needed(graph: Graph, below: Node, wanted: Mapping[str, Node]) -> set[Node]:
    needed: set[Node] = set()
    waiting = list(wanted.values())
    while waiting:
        node = waiting.pop()
        if node in needed or node is below:
            continue
        if node is given(graph.program):
            raise ModelError("its head begins in a tier below: give that exit to the tier it begins in")
        needed.add(node)
        if not is_batch_length(node, graph.program):
            waiting += node.all_input_nodes
    return needed


def _returning(roles: Sequence[str], module: Module) -> Module:
    """A plain dict: that of a graph is one of a kind of its own, which no agent knows."""
    return _module(module, lambda found: dict(zip(roles, found, strict=True)))


def _casting(module: Module, taken: TensorSpec) -> Module:
    """Before the first layer, as training casts a record."""
    dtype = getattr(library(), taken.dtype.value)
    return _module(module, lambda found: found, before=lambda records: records.to(dtype))


def _module(
    inner: Module, after: Callable[[Any], Any], *, before: Callable[[Any], Any] = lambda records: records
) -> Module:
    torch = library()
    outer = type("Part", (torch.nn.Module,), {"forward": lambda self, records: after(self.inner(before(records)))})()
    outer.inner = inner
    return outer
