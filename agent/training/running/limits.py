"""How much of a node somebody else's code may have."""

from dataclasses import dataclass

MOST_PROCESSES = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """For a process and everything it starts, together. `memory_bytes` None: as much as there is.

    `grace_s`: from being asked to leave to being killed. `niceness`: what answers records goes first.
    `disk`: whether it may read and write outside the folder it works in. `reads`: files and folders outside that it may
    read without, besides Python and the system's libraries; None: whatever its user can.
    """

    memory_bytes: int | None = None
    processes: int = MOST_PROCESSES
    niceness: int = 10
    network: bool = False
    disk: bool = False
    reads: tuple[str, ...] | None = ()
    grace_s: float = 20.0
