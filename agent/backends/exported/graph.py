"""From an exported program's graph to the steps that run it. What a sub-model may not do is refused here."""

import json
from collections.abc import Iterator
from typing import Any

import torch

from agent.backends.exported.file import ExportedFile, Node, Stored, TensorMeta, Union, member
from agent.backends.exported.operators import resolve
from agent.backends.exported.program import Program, Slot, Step, Value, freeing
from agent.backends.frameworks import one_line
from shared.errors import ModelError

_POSITIONAL = 1
_STRIDED = 7
DTYPES = {
    1: torch.uint8,
    2: torch.int8,
    3: torch.int16,
    4: torch.int32,
    5: torch.int64,
    6: torch.float16,
    7: torch.float32,
    8: torch.float64,
    12: torch.bool,
    13: torch.bfloat16,
}
_MEMORY_FORMATS = {
    1: torch.contiguous_format,
    2: torch.channels_last,
    3: torch.channels_last_3d,
    4: torch.preserve_format,
}
_PLAIN = frozenset({"as_int", "as_ints", "as_bool", "as_bools", "as_string", "as_strings", "as_int_lists"})
_WEIGHTS = {"parameter": "parameter_name", "buffer": "buffer_name", "tensor_constant": "tensor_constant_name"}


def build(file: ExportedFile) -> Program:
    """Raises ModelError."""
    try:
        return _Builder(file).build()
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, OverflowError) as error:
        raise ModelError(f"the program's graph cannot be read: {one_line(error)}") from error


def input_name(file: ExportedFile) -> str:
    """The one tensor a caller gives. Raises ModelError when there are none or several."""
    specs = [member(spec) for spec in file.program.graph_module.signature.input_specs]
    given = [value for kind, value in specs if kind not in _WEIGHTS]
    if len(given) != 1 or "as_tensor" not in given[0].get("arg", {}):
        raise ModelError(f"the program takes {len(given)} inputs; a sub-model takes one tensor")
    name: str = given[0]["arg"]["as_tensor"]["name"]
    return name


def output_names(file: ExportedFile) -> dict[str, str]:
    """From the name in the dict that the program returns to the name in its graph; one unnamed output is called ''."""
    module = file.program.graph_module
    if any("user_output" not in spec for spec in module.signature.output_specs):
        raise ModelError("the program changes its own weights or inputs; export it in evaluation mode")
    in_graph = [member(output)[1]["name"] for output in module.graph.outputs]
    signature = next((call.signature for call in module.module_call_graph if call.fqn == ""), None)
    spec: dict[str, str] = json.loads(signature.out_spec)[1] if signature else {}
    if spec.get("type") == "builtins.dict":
        return dict(zip(json.loads(spec["context"]), in_graph, strict=True))
    if len(in_graph) == 1:
        return {"": in_graph[0]}
    raise ModelError(f"the program returns {len(in_graph)} outputs unnamed: return a dict of `exit` and `features`")


class _Builder:
    """Gives each name of the graph a slot, in the order they are made."""

    def __init__(self, file: ExportedFile) -> None:
        self._file = file
        self._slots: dict[str, Slot] = {}
        self._values: list[Value] = []

    def build(self) -> Program:
        for name, value in self._inputs():
            self._slot(name, value)
        given = self._slots[input_name(self._file)]
        weights = frozenset(self._slots.values())
        steps = [self._step(node) for node in self._file.program.graph_module.graph.nodes]
        outputs = {name: self._slots[inner] for name, inner in output_names(self._file).items()}
        kept = (weights - {given}) | frozenset(outputs.values())
        return Program(values=tuple(self._values), input=given, steps=freeing(steps, kept), outputs=outputs)

    def _inputs(self) -> Iterator[tuple[str, Value]]:
        module = self._file.program.graph_module
        for argument, spec in zip(module.graph.inputs, module.signature.input_specs, strict=True):
            kind, value = member(spec)
            yield member(argument)[1]["name"], self._weight(value[_WEIGHTS[kind]]) if kind in _WEIGHTS else None

    def _weight(self, name: str) -> torch.Tensor:
        stored = self._file.weights.get(name) or self._file.constants.get(name)
        if stored is None:
            raise ModelError(f"the program's weight {name!r} is not in its archive")
        return tensor(stored)

    def _slot(self, name: str, value: Value = None) -> Slot:
        self._slots[name] = Slot(len(self._values))
        self._values.append(value)
        return self._slots[name]

    def _step(self, node: Node) -> Step:
        positional = [self._argument(one.arg) for one in node.inputs if one.kind == _POSITIONAL]
        keyword = {one.name: self._argument(one.arg) for one in node.inputs if one.kind != _POSITIONAL}
        outputs = tuple(self._output(one) for one in node.outputs)
        return Step(call=resolve(node.target), positional=tuple(positional), keyword=keyword, outputs=outputs)

    def _output(self, output: Union) -> Slot | tuple[Slot, ...] | None:
        match member(output):
            case "as_none", _:
                return None
            case "as_tensor", {"name": str(name)}:
                return self._slot(name)
            case "as_tensors", list(tensors):
                return tuple(self._slot(one["name"]) for one in tensors)
            case "as_sym_int" | "as_sym_float" | "as_sym_bool", {"as_name": str(name)}:
                return self._slot(name)
            case kind, _:
                raise _refused(kind)

    def _argument(self, argument: Union) -> Value:
        kind, value = member(argument)
        if kind in _PLAIN:
            return value
        if kind in ("as_tensor", "as_sym_int", "as_sym_float", "as_sym_bool", "as_optional_tensor"):
            return self._reference(value)
        if kind in ("as_tensors", "as_optional_tensors", "as_sym_ints", "as_sym_floats", "as_sym_bools"):
            return [self._reference(one) for one in value]
        return constant(kind, value)

    def _reference(self, value: dict[str, Any]) -> Value:
        """A tensor or number made before, or a number that stands here."""
        match value:
            case {"name": str(name)} | {"as_name": str(name)} | {"as_tensor": {"name": str(name)}}:
                return self._slots[name]
            case {"as_none": _}:
                return None
            case {"as_int": number} | {"as_float": number} | {"as_bool": number}:
                return number
            case _:
                raise _refused(str(sorted(value)))


def constant(kind: str, value: Value) -> Value:
    """Devices are always the processor of this node, wherever the program was exported."""
    match kind:
        case "as_none":
            return None
        case "as_float":
            return float(value)  # infinities are written as strings
        case "as_floats":
            return [float(one) for one in value]
        case "as_scalar_type":
            return DTYPES[value]
        case "as_memory_format":
            return _MEMORY_FORMATS[value]
        case "as_layout" if value == _STRIDED:
            return torch.strided
        case "as_device":
            return torch.device("cpu")
        case "as_graph":
            raise ModelError(
                "the program has a graph within its graph, as control flow or `torch.no_grad()` leave it: "
                "save `program.run_decompositions()`, or export without them"
            )
        case _:
            raise _refused(kind)


def tensor(stored: Stored) -> torch.Tensor:
    """PyTorch checks that the view stays within its bytes."""
    dtype = DTYPES[stored.meta.dtype]
    flat = torch.frombuffer(bytearray(stored.content), dtype=dtype) if stored.content else torch.empty(0, dtype=dtype)
    lengths, strides = lengths_of(stored.meta), [int(stride["as_int"]) for stride in stored.meta.strides]
    if None in lengths:
        raise ModelError("the program has a weight of no fixed shape")
    return torch.as_strided(flat, lengths, strides, int(stored.meta.storage_offset["as_int"]))  # type: ignore[arg-type]


def lengths_of(meta: TensorMeta) -> list[int | None]:
    """None where the length follows from the batch."""
    return [length.get("as_int") for length in meta.sizes]


def _refused(kind: str) -> ModelError:
    return ModelError(f"the program passes an argument of the kind {kind!r}, neither tensor nor number: refused")
