"""The border to Keras and TensorFlow: imported when named, and what they say becomes one line."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from agent.backends import frameworks
from agent.backends.frameworks import one_line
from shared.errors import ModelError, UnavailableError
from shared.importing import importing

# Neither library has types.
Library = Any
_ERRORS = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, NotImplementedError, AssertionError)


@cache  # asked for at every step, and what is installed takes milliseconds to find out
def libraries() -> tuple[Library, Library]:
    """`(tensorflow, keras)`. Raises UnavailableError."""
    frameworks.version("tensorflow", "tensorflow-cpu", "tensorflow", extra="tensorflow")
    frameworks.version("keras", "keras", extra="tensorflow")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    try:
        with importing():
            return import_module("tensorflow"), import_module("keras")
    except ImportError as error:
        raise UnavailableError(f"tensorflow is installed but cannot be imported: {one_line(error)}") from error


@contextmanager
def model_errors(what: str) -> Iterator[None]:
    """Raises ModelError, `what` failed, for what Keras and TensorFlow raise of a network."""
    try:
        yield
    # Looked up only when something was raised: this stands around every step.
    except (*_ERRORS, libraries()[0].errors.OpError) as error:
        raise ModelError(f"{what} failed: {type(error).__name__}: {one_line(error)}") from error
