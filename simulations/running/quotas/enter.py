"""Runs a command that is in a control group from its first instruction on.

    python -I -S enter.py GROUP COMMAND ARGUMENT ...

Enters the group, then becomes the command (same pid). A program of its own, because doing this between fork and exec
in a process with threads may deadlock.
"""

import os
import sys
from pathlib import Path

PROCESSES = "cgroup.procs"


def entering(group: Path, command: tuple[str, ...]) -> tuple[str, ...]:
    """What follows the Python interpreter so that `command` runs in the group."""
    return ("-I", "-S", __file__, str(group), *command)


def main(group: Path, command: list[str]) -> None:
    (group / PROCESSES).write_text(str(os.getpid()))
    os.execv(command[0], command)  # noqa: S606 -- no shell is the point


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
