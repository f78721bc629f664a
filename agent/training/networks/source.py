"""A user's file becomes a network. This runs the user's code: never in an agent, only in a process of its own."""

import sys
from collections.abc import Callable
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Protocol

from agent.backends.frameworks import one_line
from agent.training.networks import keras_network
from agent.training.networks.network import Network
from shared.documents import Framework
from shared.errors import FoglineError, ModelError, UnavailableError

FUNCTION = "network"
_MODULE = "fogline_network_source"


class Adapter(Protocol):
    """A module that knows one framework."""

    def prepare(self, seed: int, threads: int | None) -> None:
        """Import the framework, so that what is drawn and computed from now on depends on these two alone.

        Raises UnavailableError.
        """
        ...

    def adapted(self, returned: object) -> Network:
        """Raises ModelError for what is no network, or one whose exits are not clear."""
        ...


# No module here imports its framework before it is asked to.
_ADAPTERS: dict[Framework, Adapter] = {Framework.KERAS: keras_network}


def load(file: Path, framework: Framework, *, seed: int = 0, threads: int | None = None) -> Network:
    """What the file's function `network()` returns, its initial weights drawn by the seed.

    `threads`: that one operation is shared among, here and later; None leaves it to the framework.
    Raises ModelError in one line, with the line of the file and the remedy, UnavailableError without the framework.
    """
    adapter = _ADAPTERS.get(framework)
    if adapter is None:
        raise UnavailableError(f"networks of {framework} cannot be trained yet, only of {', '.join(_ADAPTERS)}")
    adapter.prepare(seed, threads)
    function = _function(_module(file), file)
    returned = _called(function, file)
    try:
        return adapter.adapted(returned)
    except ModelError as error:
        raise ModelError(f"{file}:{_line_of(function)}: {error}") from error


def _module(file: Path) -> ModuleType:
    if not file.is_file():
        raise ModelError(f"{file}: no such file")
    spec = util.spec_from_file_location(_MODULE, file)
    if spec is None or spec.loader is None:
        raise ModelError(f"{file} is no Python file: its name must end in .py")
    module = util.module_from_spec(spec)
    # Classes that the file defines are looked up by the name of their module when a framework writes them down.
    sys.modules[_MODULE] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise ModelError(_import_fault(file, error)) from error
    return module


def _import_fault(file: Path, error: BaseException) -> str:
    if isinstance(error, ImportError):
        remedy = "a network is one file, and imports only what is installed on this node"
    elif isinstance(error, SyntaxError):
        remedy = "this is not Python"
    else:
        remedy = f"let the file define {FUNCTION}() and do nothing else when it is imported"
    return f"{_place(file, error)}: does not import: {_said(error)}; {remedy}"


def _function(module: ModuleType, file: Path) -> Callable[[], object]:
    function = getattr(module, FUNCTION, None)
    if function is None:
        raise ModelError(f"{file}:1: has no function {FUNCTION}(): define one, without arguments, that returns it")
    if not callable(function):
        raise ModelError(
            f"{file}:1: {FUNCTION} is no function: define one, without arguments, that returns the network"
        )
    return function  # type: ignore[no-any-return]  # whether it takes no arguments is known when it is called


def _called(function: Callable[[], object], file: Path) -> object:
    try:
        return function()
    except FoglineError:
        raise
    except (Exception, SystemExit) as error:
        where = _place(file, error, otherwise=_line_of(function))
        raise ModelError(f"{where}: {FUNCTION}(), called without arguments, fails: {_said(error)}") from error


def _place(file: Path, error: BaseException, *, otherwise: int = 1) -> str:
    """The last line of the file on the way to the error."""
    if isinstance(error, SyntaxError) and error.filename == str(file):
        return f"{file}:{error.lineno or otherwise}"
    line, trace = otherwise, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{file}:{line}"


def _said(error: BaseException) -> str:
    text = (
        error.msg if isinstance(error, SyntaxError) else one_line(error) if isinstance(error, Exception) else str(error)
    )
    return f"{type(error).__name__}: {text}"


def _line_of(function: Callable[[], object]) -> int:
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None else 1
