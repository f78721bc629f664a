"""An exported program in memory."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from agent.backends import tensors
from agent.backends.exported import graph
from agent.backends.exported.file import ExportedFile
from agent.backends.exported.program import Program
from agent.backends.frameworks import one_line
from agent.backends.protocol import Outputs
from shared.documents import DType, SubModel, TensorSpec
from shared.errors import ModelError


class TorchSubModel:
    """`threads` are PyTorch's own, and those of the thread that infers: two sub-models may differ in them."""

    def __init__(self, file: ExportedFile, sub_model: SubModel, threads: int) -> None:
        in_file = graph.output_names(file)
        self._names = tensors.output_names(in_file, sub_model)
        given = graph.input_name(file)
        found = {name: _spec(file, in_file[inner], name) for name, inner in self._names.items()}
        self.tensors: Mapping[str, TensorSpec] = {"input": _spec(file, given, "input"), **found}
        tensors.compare(self.tensors, sub_model)
        self._gate = tensors.Gate(sub_model.input)
        self._is_fixed = _takes_one(file, given)
        self._threads = threads
        with torch.inference_mode():
            self._program: Program | None = graph.build(file)

    def infer(self, batch: NDArray[Any]) -> Outputs:
        self._gate.check(batch)
        if self._is_fixed and len(batch) > 1:
            return tensors.one_by_one(self._run, batch)
        return self._run(batch)

    def close(self) -> None:
        self._program = None

    def _run(self, batch: NDArray[Any]) -> Outputs:
        if self._program is None:
            raise ModelError("inference on a sub-model that was closed")
        if torch.get_num_threads() != self._threads:
            torch.set_num_threads(self._threads)
        try:
            with torch.inference_mode():
                given = torch.from_numpy(np.require(batch, requirements=("C", "W")))
                results = self._program.run(given)
                arrays = {role: _array(results[name]) for role, name in self._names.items()}
        except (RuntimeError, TypeError, ValueError, LookupError, ArithmeticError) as error:
            raise ModelError(f"inference failed: {one_line(error)}") from error
        return Outputs(exit=arrays.get("exit"), features=arrays.get("features"))


def _array(tensor: torch.Tensor) -> NDArray[Any]:
    """A copy in C order: what comes out may be a weight, or the batch itself."""
    return np.array(tensor.numpy(), order="C")


def _spec(file: ExportedFile, name: str, role: str) -> TensorSpec:
    meta = file.program.graph_module.graph.tensor_values.get(name)
    if meta is None:
        raise ModelError(f"the program does not say what its {role} is")
    lengths = graph.lengths_of(meta)[1:]
    dtype = str(graph.DTYPES.get(meta.dtype, "unknown")).removeprefix("torch.")
    if None in lengths or dtype not in list(DType):
        raise ModelError(f"{role} is {dtype} {lengths} in the program; only the batch may be of any length")
    return TensorSpec(dtype=DType(dtype), shape=tuple(length for length in lengths if length is not None))


def _takes_one(file: ExportedFile, name: str) -> bool:
    """Raises ModelError for a program made for batches of one size other than 1."""
    size, *_ = [*graph.lengths_of(file.program.graph_module.graph.tensor_values[name]), 0]
    if size not in (None, 1):
        raise ModelError(f"the program takes batches of {size} records only; export it with a dynamic first dimension")
    return size == 1
