"""Sub-models in `.tflite` files, run by an interpreter with the interface of TensorFlow Lite's.

Tensors are set and got by number, and resized only when the size of the batch changes: a signature runner does the
same at every call, and forbids `invoke` while it lives. Its names are read once, when the file is loaded.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from numpy.typing import NDArray

from agent.backends import frameworks, tensors
from agent.backends.flatbuffer import probe
from agent.backends.flatbuffer.interpreter import (
    Interpreter,
    interpreter_class,
    open_interpreter,
    require_identifier,
)
from agent.backends.flatbuffer.portions import portion
from agent.backends.flatbuffer.ports import Port, Ports, read_ports
from agent.backends.frameworks import one_line
from agent.backends.protocol import Outputs
from shared.documents import ArtifactFormat, SubModel, TensorSpec
from shared.errors import ModelError


class FlatBufferBackend:
    """What the two runtimes share. `module` is the package whose `interpreter.Interpreter` loads the file."""

    name: ClassVar[str]
    module: ClassVar[str]
    distribution: ClassVar[str]
    formats = frozenset({ArtifactFormat.TFLITE})

    def version(self) -> str:
        return frameworks.version(self.module, self.distribution, extra=self.name)

    def load(self, path: Path, sub_model: SubModel, *, threads: int) -> "FlatBufferSubModel":
        version = self.version()
        make = interpreter_class(self.module)
        require_identifier(path)
        probe.require_survival(path, self.module, version)
        interpreter = open_interpreter(make, path, threads)
        ports = read_ports(interpreter, sub_model)
        tensors.compare(ports.specs, sub_model)
        size = 1 if ports.is_fixed else portion(interpreter.get_tensor_details())
        loaded = FlatBufferSubModel(interpreter, ports, portion=size)
        tensors.rehearse(loaded)
        return loaded


class FlatBufferSubModel:
    """One interpreter, which is given at most `portion` records at a time."""

    def __init__(self, interpreter: Interpreter, ports: Ports, *, portion: int) -> None:
        self.tensors: Mapping[str, TensorSpec] = ports.specs
        self._interpreter: Interpreter | None = interpreter
        self._input = ports.input
        self._exit = ports.exit
        self._features = ports.features
        self._portion = portion
        self._gate = tensors.Gate(ports.input.spec)
        self._size = 0

    def infer(self, batch: NDArray[Any]) -> Outputs:
        self._gate.check(batch)
        try:
            if len(batch) > self._portion:
                return tensors.in_portions(self._invoke, batch, self._portion)
            return self._invoke(batch)
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"inference failed: {one_line(error)}") from error

    def close(self) -> None:
        self._interpreter = None

    def _invoke(self, batch: NDArray[Any]) -> Outputs:
        interpreter, port = self._interpreter, self._input
        if interpreter is None:
            raise ModelError("inference on a sub-model that was closed")
        if len(batch) != self._size:
            self._resize(interpreter, batch.shape)
        given = batch if port.quantisation is None else port.quantisation.encode(batch)
        interpreter.set_tensor(port.index, given)
        interpreter.invoke()
        return Outputs(_got(interpreter, self._exit), _got(interpreter, self._features))

    def _resize(self, interpreter: Interpreter, shape: tuple[int, ...]) -> None:
        self._size = 0  # whatever fails below, the next batch resizes again
        interpreter.resize_tensor_input(self._input.index, shape)
        interpreter.allocate_tensors()
        self._size = shape[0]


def _got(interpreter: Interpreter, port: Port | None) -> NDArray[Any] | None:
    """A copy, never a view into the interpreter's memory: the next batch is inferred while this one is sent."""
    if port is None:
        return None
    array = interpreter.get_tensor(port.index)
    return array if port.quantisation is None else port.quantisation.decode(array)
