"""A user's file becomes a network. This runs the user's code: never in an agent, only in a process of its own."""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Protocol

from agent.training.networks import keras_chain, keras_network, torch_chain, torch_network
from agent.training.networks.network import Link, Network
from agent.training.networks.places import line_of, place, said
from shared.documents import Framework
from shared.errors import FoglineError, ModelError, UnavailableError

FUNCTION = "network"
_MODULE = "fogline_network_source"
Sources = Path | Mapping[str, Path]
"""One file with a whole network, or the files of a chain by tier, the sensor's first."""


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
_ADAPTERS: dict[Framework, Adapter] = {Framework.KERAS: keras_network, Framework.TORCH: torch_network}
# One network of the links of a chain. Raises ModelError with the place of the link that does not fit.
_JOINERS: dict[Framework, Callable[[Sequence[Link]], Network]] = {
    Framework.KERAS: keras_chain.joined,
    Framework.TORCH: torch_chain.joined,
}


def load_sources(sources: Sources, framework: Framework, *, seed: int = 0, threads: int | None = None) -> Network:
    """As `load`, of a chain as well."""
    if isinstance(sources, Path):
        return load(sources, framework, seed=seed, threads=threads)
    joined = _JOINERS.get(framework)
    if joined is None:
        raise UnavailableError(f"a chain of {framework} cannot be trained yet, only of {', '.join(_JOINERS)}")
    _adapter(framework).prepare(seed, threads)
    return joined([_link(tier, file) for tier, file in sources.items()])


def load(file: Path, framework: Framework, *, seed: int = 0, threads: int | None = None) -> Network:
    """What the file's function `network()` returns, its initial weights drawn by the seed.

    `threads`: that one operation is shared among, here and later; None leaves it to the framework.
    Raises ModelError in one line, with the line of the file and the remedy, UnavailableError without the framework.
    """
    adapter = _adapter(framework)
    adapter.prepare(seed, threads)
    function = _function(_module(file), file)
    returned = _called(function, file)
    try:
        return adapter.adapted(returned)
    except ModelError as error:
        # A network that was called on an example may have failed anywhere in the file.
        where = place(file, error.__cause__ or error, otherwise=line_of(function))
        raise ModelError(f"{where}: {error}") from error


def _adapter(framework: Framework) -> Adapter:
    adapter = _ADAPTERS.get(framework)
    if adapter is None:
        raise UnavailableError(f"networks of {framework} cannot be trained yet, only of {', '.join(_ADAPTERS)}")
    return adapter


def _link(tier: str, file: Path) -> Link:
    function = _function(_module(file, f"{_MODULE}_{tier}"), file)
    return Link(tier, f"{file}:{line_of(function)}", _called(function, file))


def _module(file: Path, name: str = _MODULE) -> ModuleType:
    if not file.is_file():
        raise ModelError(f"{file}: no such file")
    spec = util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ModelError(f"{file} is no Python file: its name must end in .py")
    module = util.module_from_spec(spec)
    # Classes that the file defines are looked up by the name of their module when a framework writes them down.
    sys.modules[name] = module
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
    return f"{place(file, error)}: does not import: {said(error)}; {remedy}"


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
        where = place(file, error, otherwise=line_of(function))
        raise ModelError(f"{where}: {FUNCTION}(), called without arguments, fails: {said(error)}") from error
