"""Which backends there are, and which one runs a file. A fifth one registers in the entry points `fogline.backends`."""

from functools import cache
from importlib.metadata import EntryPoint, entry_points

from agent.backends.protocol import Backend
from shared.documents import ArtifactFormat
from shared.errors import UnavailableError
from shared.importing import importing

GROUP = "fogline.backends"
# Fastest first where two read the same files; backends of others come after these.
PREFERENCE = ("litert", "tflite", "keras", "torch")


def available() -> tuple[str, ...]:
    """The names of the backends whose framework is installed, in order of preference. Imports no framework."""
    return tuple(name for name in _registered() if _is_installed(name))


def choose(artifact_format: ArtifactFormat, wanted: str | None = None) -> Backend:
    """The backend called `wanted`, else the first available that reads the format.

    Raises UnavailableError when there is none, or when `wanted` is unknown, not installed or reads other files.
    """
    if wanted is not None:
        return _wanted(artifact_format, wanted)
    for name in available():
        backend = _make(name)
        if artifact_format in backend.formats:
            return backend
    raise UnavailableError(
        f"no installed backend reads {artifact_format.value} files: have {', '.join(available()) or 'none'}; "
        "install one of the extras litert, tflite, tensorflow, torch"
    )


def _wanted(artifact_format: ArtifactFormat, name: str) -> Backend:
    if name not in _registered():
        raise UnavailableError(f"there is no backend {name!r}: have {', '.join(_registered())}")
    backend = _make(name)
    if artifact_format not in backend.formats:
        readable = ", ".join(sorted(backend.formats))
        raise UnavailableError(f"backend {name!r} reads {readable} files, not {artifact_format.value}")
    backend.version()
    return backend


@cache
def _registered() -> dict[str, EntryPoint]:
    points = sorted(entry_points(group=GROUP), key=lambda point: (_rank(point.name), point.name))
    return {point.name: point for point in points}


def _rank(name: str) -> int:
    return PREFERENCE.index(name) if name in PREFERENCE else len(PREFERENCE)


def _make(name: str) -> Backend:
    """Raises UnavailableError when somebody's backend cannot even be imported: the others must go on."""
    try:
        with importing():
            backend: Backend = _registered()[name].load()()
    except (ImportError, AttributeError) as error:
        raise UnavailableError(f"backend {name!r} cannot be imported: {error}") from error
    return backend


def _is_installed(name: str) -> bool:
    try:
        _make(name).version()
    except UnavailableError:
        return False
    return True
