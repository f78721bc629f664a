"""Runs a command that outlives the process that started it.

    python -I -S anchor.py PID_FILE COMMAND ARGUMENT ...

Forks, writes the child's pid and start time to PID_FILE, and ends; the child becomes the command. The file is there
before the starter goes on: should the starter be killed at that moment, what it started can still be found and stopped.
"""

import json
import os
import sys
from pathlib import Path


def anchored(pid_file: Path, command: list[str]) -> list[str]:
    """The command that runs `command` on its own."""
    return [sys.executable, "-I", "-S", __file__, str(pid_file), *command]


def main(pid_file: Path, command: list[str]) -> None:
    pid = os.fork()
    if not pid:
        os.setsid()
        os.execv(command[0], command)  # noqa: S606 -- no shell is the point
    pid_file.write_text(json.dumps({"pid": pid, "started": started(pid)}), encoding="ascii")


def started(pid: int) -> int:
    """When the process began, in clock ticks since boot."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
