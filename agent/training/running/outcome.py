"""What the end of a child process means for its run. Pure."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from agent.control_plane import is_passing
from agent.training.running.confined import Ending
from shared.errors import (
    ArtifactError,
    ClusterError,
    ControlPlaneError,
    DocumentError,
    FoglineError,
    ModelError,
    RecordError,
    SettingsError,
    StorageError,
    UnavailableError,
)

SIGTERM_EXIT = 128 + signal.SIGTERM
_CONFLICT = 409
_UNKNOWN_CREDENTIAL = 401


class CrashedError(FoglineError):
    """The process ended as none should; it goes on where it was, a few times."""


class LeftError(FoglineError):
    """The process ended because it was asked to; it goes on where it was."""


class HopelessError(FoglineError):
    """Nothing but another document mends this."""


_HOPELESS = (DocumentError, ModelError, SettingsError, UnavailableError, ArtifactError, RecordError)


def require_well(ending: Ending, *, what: str) -> None:
    """`what`: the word its complaint begins with.

    Raises HopelessError, ClusterError, StorageError, CrashedError, LeftError.
    """
    if ending.status == 0:
        return
    if ending.exceeded:
        raise CrashedError(f"{what} {ending.exceeded}")
    if ending.status == SIGTERM_EXIT or ending.signal == "SIGTERM":
        raise LeftError(f"{what} was asked to leave")
    complaint = _complaint(ending, what)
    if ending.status in {kind.exit_code for kind in _HOPELESS}:
        raise HopelessError(complaint)
    if ending.status == ClusterError.exit_code:
        raise ClusterError(complaint)
    if ending.status == StorageError.exit_code:
        raise StorageError(complaint)
    if ending.signal == "SIGKILL":
        raise CrashedError(f"{what} was ended by SIGKILL, as the kernel does where a box runs short of memory")
    how = f"was ended by {ending.signal}" if ending.signal else f"ended with {ending.status}"
    raise CrashedError(f"{what} {how}: {complaint}" if complaint else f"{what} {how}")


@contextmanager
def control_plane_answers(*, conflict_passes: bool = False) -> Iterator[None]:
    """Raises HopelessError for what the control plane will say again; what may pass is raised as it came."""
    try:
        yield
    except ControlPlaneError as error:
        # An unknown credential is known again when a database is restored, or the node is enrolled anew.
        may_pass = is_passing(error) or error.status == _UNKNOWN_CREDENTIAL
        if may_pass or (conflict_passes and error.status == _CONFLICT):
            raise
        raise HopelessError(str(error)) from error


def _complaint(ending: Ending, what: str) -> str:
    """Its last line, which it ends with as every command does."""
    return ending.errors[-1].removeprefix(f"{what}: ") if ending.errors else ""
