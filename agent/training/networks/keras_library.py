"""The border to Keras and TensorFlow: imported when named, and what they say becomes one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from agent.backends import keras_import
from agent.backends.frameworks import one_line
from agent.backends.keras_import import Library
from shared.errors import ModelError

_ERRORS = (ValueError, TypeError, LookupError, AttributeError, RuntimeError, NotImplementedError, AssertionError)


@cache  # asked for at every step, and what is installed takes milliseconds to find out
def libraries() -> tuple[Library, Library]:
    """`(tensorflow, keras)`. Raises UnavailableError."""
    keras_import.version()
    return keras_import.imported()


@contextmanager
def model_errors(what: str) -> Iterator[None]:
    """Raises ModelError, `what` failed, for what Keras and TensorFlow raise of a network."""
    try:
        yield
    # Looked up only when something was raised: this stands around every step.
    except (*_ERRORS, libraries()[0].errors.OpError) as error:
        raise ModelError(f"{what} failed: {type(error).__name__}: {one_line(error)}") from error
