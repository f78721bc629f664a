"""A node's program as a child process on a leash, its output at the end of the node's log."""

import os
import signal
import subprocess
from contextlib import suppress

from simulations.kafka import leash
from simulations.kafka.node import Node


class Child:
    """Must be made in a thread that lives as long as the child shall, see `leash`."""

    def __init__(self, command: list[str], *, node: Node) -> None:
        with node.open_log() as output:
            self._process = subprocess.Popen(
                leash.leashed(command),
                cwd=node.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # A Ctrl-C in the terminal is for us; we decide when brokers go.
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def suspend(self) -> None:
        """SIGSTOP, and waits until the last thread has stopped: a busy one may answer a moment longer."""
        self.send(signal.SIGSTOP)
        # WNOWAIT leaves an end, should it come first, for the process object to see.
        os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def end(self, number: signal.Signals) -> None:
        """Sends it without waiting. A suspended child is woken, or it would never see the signal."""
        self.send(number)
        self.send(signal.SIGCONT)

    def has_ended(self, *, within_s: float | None = None) -> bool:
        """Waits for it, without an end if `within_s` is None."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(within_s)
        return self._process.returncode is not None
