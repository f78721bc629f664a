"""TensorFlow and Keras, without what they would bring along."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from agent.backends import frameworks
from agent.backends.frameworks import one_line
from shared.errors import UnavailableError
from shared.importing import importing

# Neither library has types.
Library = Any
# Keras looks for them to offer itself to them, a quarter of the time that its import takes, and nothing here uses that.
_NOT_FOR_KERAS = ("sklearn", "matplotlib")


def imported() -> tuple[Library, Library]:
    """`(tensorflow, keras)`. Raises UnavailableError."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        with importing(), _absent(*_NOT_FOR_KERAS):
            return import_module("tensorflow"), import_module("keras")
    except ImportError as error:
        raise UnavailableError(f"tensorflow is installed but cannot be imported: {one_line(error)}") from error


def version() -> str:
    """Keras's, without importing it. Raises UnavailableError when it or TensorFlow is not installed."""
    frameworks.version("tensorflow", "tensorflow-cpu", "tensorflow", extra="tensorflow")
    return frameworks.version("keras", "keras", extra="tensorflow")


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Modules that an import finds missing meanwhile, as if they were not installed, unless they are in use already."""
    hidden = [name for name in names if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # what the import system reads as "there is none"
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
