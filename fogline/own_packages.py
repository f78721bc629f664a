"""Whether the packages beside this one are Fogline's own.

Their names are plain words, and Python takes the first folder of that name it meets: one beside a user's script comes
before everything that is installed.
"""

import sys
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("shared", "agent", "controlplane", "simulations")


def require_own_packages(home: Path, names: Iterable[str] = PACKAGES) -> None:
    """Raises ImportError naming the first folder or file that hides one of ours; `home` holds our packages."""
    for name in names:
        found = _place(name)
        if found is None:
            raise ImportError(f"Fogline's own package {name!r} is not installed: install fogline again", name=name)
        if found != (home / name).resolve():
            raise ImportError(
                f"{found} hides Fogline's own package {name!r}: rename it, or run your program from another folder",
                name=name,
                path=str(found),
            )


def _place(name: str) -> Path | None:
    spec = _spec(name)
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve()
    return Path(spec.origin).resolve() if spec.origin else None


def _spec(name: str) -> ModuleSpec | None:
    try:
        return find_spec(name)
    except ValueError:  # a module put into sys.modules by hand has no spec
        return getattr(sys.modules[name], "__spec__", None)
