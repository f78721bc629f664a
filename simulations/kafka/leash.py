"""Runs a command that dies with the process that started it, even when that one is killed by SIGKILL.

    python -I -S leash.py PARENT_PID COMMAND ARGUMENT ...

Asks the kernel for SIGKILL at the parent's death, then becomes the command (same pid). A program of its own, because
doing this between fork and exec in a process with threads may deadlock. The kernel means the *thread* that started
us: the starter must keep that thread for as long as the command shall live. Linux only; elsewhere a parent that is
killed leaves the command running.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def leashed(command: list[str]) -> list[str]:
    """The command that runs `command` on a leash held by this process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def main(parent: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit("the parent ended before the command began")
    os.execv(command[0], command)  # noqa: S606 -- no shell is the point


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
