"""Where this machine lets this process share out the processor: found out by doing it."""

import os
import subprocess
import sys
from collections.abc import Iterable
from itertools import count

from shared.errors import DocumentError
from shared.storage import storage_errors
from simulations.experiment.document import Experiment, Tier
from simulations.programs import ProcessId
from simulations.running.quotas.enter import entering
from simulations.running.quotas.group import Group, quota
from simulations.running.quotas.hierarchy import MOUNTS, OWN, Place, places

PREFIX = "fogline"
_PROBE_DEADLINE_S = 10.0
_numbers = count(1)


def require(experiments: Iterable[Experiment]) -> None:
    """Raises DocumentError for a tier's `cpu` that this machine cannot give."""
    known: set[float] = set()
    for tier in (tier for experiment in experiments for tier in experiment.tiers):
        if tier.cpu is not None and tier.cpu not in known:
            found(tier)
            known.add(tier.cpu)


def found(tier: Tier) -> Place:
    """Where a group with this tier's quota may be made. Raises DocumentError with all that was tried in vain."""
    cores = tier.cpu or 0.0
    field, refused = f"tiers.{tier.name}.cpu", []
    _require_possible(cores, field)
    for place in _places():
        reason = _tried(place, cores)
        if reason is None:
            return place
        refused.append(reason)
    tried = "; ".join(refused) or "no control groups for the processor are mounted"
    remedy = "leave it out, or run where control groups may be made"
    raise DocumentError(f"cannot be obeyed here, no quota of the processor may be set: {tried}; {remedy}", field=field)


def new_group(place: Place) -> Group:
    """Not made yet; its name says whose it is."""
    own = ProcessId.of(os.getpid())
    name = f"{PREFIX}-{os.getpid()}-{own.started if own else 0}-{next(_numbers)}"
    return Group(version=place.version, path=place.path / name)


def remove_leftovers(place: Place) -> None:
    """Groups of processes that were killed before they could remove them."""
    for path in place.path.glob(f"{PREFIX}-*-*-*"):
        _, pid, started, _ = path.name.split("-", 3)
        if pid.isdigit() and started.isdigit() and not ProcessId(pid=int(pid), started=int(started)).is_alive:
            Group(version=place.version, path=path).remove_if_empty()


def _require_possible(cores: float, field: str) -> None:
    there = len(os.sched_getaffinity(0))
    if cores > there:
        raise DocumentError(f"is more than the {there} cores of this machine", field=field)
    try:
        quota(cores)
    except ValueError as error:
        raise DocumentError(str(error), field=field) from error


def _places() -> tuple[Place, ...]:
    if not MOUNTS.exists() or not OWN.exists():
        return ()
    with storage_errors(MOUNTS):
        return places(MOUNTS.read_text(), OWN.read_text())


def _tried(place: Place, cores: float) -> str | None:
    """What forbids a process in a group of such a quota here; None when nothing does."""
    remove_leftovers(place)
    group = new_group(place)
    try:
        group.make(cores)
        try:
            _run_in(group)
        finally:
            group.remove()
    except (OSError, subprocess.SubprocessError) as error:
        return f"{place.path}: {error.strerror if isinstance(error, OSError) else 'no process may enter'}"
    return None


def _run_in(group: Group) -> None:
    command = [sys.executable, *entering(group.path, (sys.executable, "-I", "-S", "-c", ""))]
    subprocess.run(command, check=True, capture_output=True, timeout=_PROBE_DEADLINE_S)
