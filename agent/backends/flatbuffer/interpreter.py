"""The interpreter both flatbuffer runtimes have, as far as it is used here, and how one is opened."""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from agent.backends.frameworks import one_line
from shared.errors import ModelError, UnavailableError
from shared.importing import importing

Details = dict[str, Any]
_IDENTIFIER = b"TFL3"


class SignatureRunner(Protocol):
    def get_input_details(self) -> dict[str, Details]: ...
    def get_output_details(self) -> dict[str, Details]: ...


class Interpreter(Protocol):
    """`invoke` releases the GIL, and refuses while a signature runner lives. `get_tensor` copies."""

    def get_signature_list(self) -> dict[str, Any]: ...
    def get_signature_runner(self, signature_key: str) -> SignatureRunner: ...
    def get_input_details(self) -> list[Details]: ...
    def get_output_details(self) -> list[Details]: ...
    def get_tensor_details(self) -> list[Details]: ...
    def resize_tensor_input(self, input_index: int, tensor_size: Sequence[int]) -> None: ...
    def allocate_tensors(self) -> None: ...
    def set_tensor(self, tensor_index: int, value: NDArray[Any]) -> None: ...
    def invoke(self) -> None: ...
    def get_tensor(self, tensor_index: int) -> NDArray[Any]: ...


def interpreter_class(module: str) -> Callable[..., Interpreter]:
    """Imports the framework. Raises UnavailableError."""
    try:
        with importing():
            make: Callable[..., Interpreter] = import_module(f"{module}.interpreter").Interpreter
    except ImportError as error:
        raise UnavailableError(f"{module} is installed but cannot be imported: {one_line(error)}") from error
    return make


def open_interpreter(make: Callable[..., Interpreter], path: Path, threads: int) -> Interpreter:
    try:
        return make(model_path=str(path), num_threads=threads)
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{path} cannot be loaded: {one_line(error)}") from error


def require_identifier(path: Path) -> None:
    """Raises ModelError for a file that is not even meant to be a `.tflite` file."""
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    if head[4:] != _IDENTIFIER:
        raise ModelError(f"{path} is no .tflite file")
