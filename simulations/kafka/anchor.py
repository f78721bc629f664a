"""Runs a command that outlives the process that started it.

    python -I -S anchor.py PID_FILE COMMAND ARGUMENT ...

Forks, writes the child's pid and start time to PID_FILE, and ends; the child becomes the command. The file is there
before the starter goes on: should the starter be killed at that moment, what it started can still be found and stopped.
The child waits for the file, so where none can be written, nothing is started: the exit code is then CANNOT_WRITE.
"""

import json
import os
import sys
from pathlib import Path

CANNOT_WRITE = 74


def anchored(pid_file: Path, command: list[str]) -> list[str]:
    """The command that runs `command` on its own."""
    return [sys.executable, "-I", "-S", __file__, str(pid_file), *command]


def main(pid_file: Path, command: list[str]) -> int:
    found, written = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(written)
        os.setsid()
        # Nothing but the end of the pipe means that the parent gave up.
        if os.read(found, 1):
            os.execv(command[0], command)  # noqa: S606 -- no shell is the point
        os._exit(CANNOT_WRITE)
    try:
        # Whole or not there: whoever read half of it would take the child for none, and leave it running.
        fresh = pid_file.with_name(pid_file.name + ".new")
        fresh.write_text(json.dumps({"pid": pid, "started": started(pid)}), encoding="ascii")
        fresh.replace(pid_file)
    except OSError:
        return CANNOT_WRITE
    os.write(written, b"!")
    return 0


def started(pid: int) -> int:
    """When the process began, in clock ticks since boot."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
