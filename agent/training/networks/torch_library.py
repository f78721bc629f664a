"""The border to PyTorch: imported when named, and what it says becomes one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any

from agent.backends import frameworks
from agent.backends.frameworks import one_line
from shared.errors import FoglineError, ModelError, UnavailableError
from shared.importing import importing

# Its types would make every module that names one import it.
Library = Any
_LONGEST = 250


@cache  # asked for at every step, and what is installed takes milliseconds to find out
def library() -> Library:
    """Raises UnavailableError."""
    frameworks.version("torch", "torch", extra="torch")
    try:
        with importing():
            return import_module("torch")
    except (ImportError, OSError) as error:
        raise UnavailableError(f"torch is installed but cannot be imported: {one_line(error)}") from error


@contextmanager
def model_errors(what: str, *, remedy: str = "") -> Iterator[None]:
    """Raises ModelError, `what` failed, for what PyTorch raises of a network, and the user's code within it."""
    try:
        yield
    except FoglineError:
        raise
    except Exception as error:
        said = f"{what} failed: {type(error).__name__}: {one_line(error)[:_LONGEST]}"
        raise ModelError(f"{said}; {remedy}" if remedy else said) from error
