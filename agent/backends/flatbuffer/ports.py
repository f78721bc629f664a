"""What a `.tflite` file says of its inputs and outputs, matched with the manifest's names."""

from dataclasses import dataclass

import numpy as np

from agent.backends import tensors
from agent.backends.flatbuffer.interpreter import Details, Interpreter
from agent.backends.flatbuffer.quantised import Quantisation
from shared.documents import DType, SubModel, TensorSpec
from shared.errors import ModelError

DEFAULT_SIGNATURE = "serving_default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """One tensor of the file: its number, what passes the border, and how integers become that."""

    index: int
    spec: TensorSpec
    quantisation: Quantisation | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """`is_fixed`: the file was made for batches of one record."""

    input: Port
    exit: Port | None
    features: Port | None
    is_fixed: bool

    @property
    def specs(self) -> dict[str, TensorSpec]:
        ports = {"input": self.input, "exit": self.exit, "features": self.features}
        return {name: port.spec for name, port in ports.items() if port is not None}


def read_ports(interpreter: Interpreter, sub_model: SubModel) -> Ports:
    """Raises ModelError when the file has not one input, lacks a named output, or has a tensor no manifest can name."""
    try:
        inputs, outputs = _named_details(interpreter)
    except (ValueError, RuntimeError, UnicodeDecodeError) as error:
        raise ModelError(f"tier {sub_model.tier!r}: the file's signature cannot be read: {error}") from error
    if len(inputs) != 1:
        raise ModelError(f"tier {sub_model.tier!r}: the file has the inputs {sorted(inputs)}; a sub-model takes one")
    (details,) = inputs.values()
    names = tensors.output_names(outputs, sub_model)
    wanted = tensors.expected(sub_model)
    found = {name: _port(outputs[names[name]], wanted[name], name) for name in names}
    return Ports(
        input=_port(details, sub_model.input, "input"),
        exit=found.get("exit"),
        features=found.get("features"),
        is_fixed=_batch_size(details) == 1,
    )


def _named_details(interpreter: Interpreter) -> tuple[dict[str, Details], dict[str, Details]]:
    signatures = interpreter.get_signature_list()
    if not signatures:
        return (
            {details["name"]: details for details in interpreter.get_input_details()},
            {details["name"]: details for details in interpreter.get_output_details()},
        )
    key = DEFAULT_SIGNATURE if DEFAULT_SIGNATURE in signatures else next(iter(signatures))
    if len(signatures) > 1 and key != DEFAULT_SIGNATURE:
        raise ModelError(f"the file has the signatures {sorted(signatures)} and none called {DEFAULT_SIGNATURE!r}")
    runner = interpreter.get_signature_runner(key)
    return runner.get_input_details(), runner.get_output_details()


def _port(details: Details, wanted: TensorSpec, name: str) -> Port:
    """A tensor of integers that stand for reals passes the border as float32 when the manifest says so."""
    spec = TensorSpec(dtype=_dtype(details, name), shape=_record_shape(details, wanted))
    quantisation = _quantisation(details)
    if wanted.dtype is DType.FLOAT32 and quantisation is not None:
        spec = TensorSpec(dtype=DType.FLOAT32, shape=spec.shape)
        return Port(index=int(details["index"]), spec=spec, quantisation=quantisation)
    return Port(index=int(details["index"]), spec=spec, quantisation=None)


def _dtype(details: Details, name: str) -> DType:
    found = np.dtype(details["dtype"]).name
    if found not in list(DType):
        raise ModelError(f"{name} is {found} in the file; a sub-model's tensors are {', '.join(DType)}")
    return DType(found)


def _signature(details: Details) -> list[int]:
    """Lengths, -1 where any will do. Files of old converters have no signature of shapes."""
    dynamic, static = details["shape_signature"], details["shape"]
    return [int(length) for length in (dynamic if len(dynamic) else static)]


def _record_shape(details: Details, wanted: TensorSpec) -> tuple[int, ...]:
    """Without batch; a length the file leaves open is the manifest's, and inference will prove it."""
    found = _signature(details)[1:]
    if len(found) != len(wanted.shape):
        return tuple(max(length, 1) for length in found)
    return tuple(asked if length == -1 else length for length, asked in zip(found, wanted.shape, strict=True))


def _batch_size(details: Details) -> int:
    """1 or -1 (any). Raises ModelError for a file made for batches of another size."""
    signature = _signature(details)
    size = signature[0] if signature else 0
    if size not in (1, -1):
        raise ModelError(f"the file takes batches of {size} records only; convert it with an open batch dimension")
    return size


def _quantisation(details: Details) -> Quantisation | None:
    parameters = details["quantization_parameters"]
    dtype = np.dtype(details["dtype"])
    if dtype.kind not in "iu" or len(parameters["scales"]) != 1:
        return None
    return Quantisation(dtype=dtype, scale=float(parameters["scales"][0]), zero_point=int(parameters["zero_points"][0]))
