"""One of Fogline's own programs as a process of its own: started, awaited until ready, stopped.

A leashed program dies with the process that started it, even by SIGKILL; a detached one lives on, and is found again
by its pid together with the time it was started, so a pid used again by a stranger is never ended.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from shared import errors
from shared.errors import FoglineError
from shared.storage import storage_errors
from simulations.kafka import leash

POLL_S = 0.02
_OWN_ERROR = re.compile(r"(?:controlplane|fogline-agent): (.+)")
_BY_EXIT_CODE = {kind.exit_code: kind for kind in FoglineError.__subclasses__() if kind.__module__ == errors.__name__}


class ProgramFailedError(FoglineError):
    """A program ended, or was not ready in time. The message ends with the last lines of its log."""


class ProcessId(msgspec.Struct, frozen=True, kw_only=True):
    """A process, told apart from a later one of the same pid. `started` is in clock ticks since boot."""

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "ProcessId | None":
        """None when there is no such process, or it has ended and only waits to be reaped."""
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        fields = text.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid=pid, started=int(fields[19]))

    @property
    def is_alive(self) -> bool:
        return ProcessId.of(self.pid) == self

    def stop(self, *, patience_s: float) -> None:
        """SIGTERM, and SIGKILL to what is still there after `patience_s`."""
        for signal_number in (signal.SIGTERM, signal.SIGKILL):
            if not self.is_alive:
                return
            os.kill(self.pid, signal_number)
            await_condition(lambda: not self.is_alive, deadline_s=patience_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """`arguments` follow the Python interpreter; output goes to the end of `log`."""

    name: str
    arguments: tuple[str, ...]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def start(self, *, leashed: bool, stdin: int = subprocess.DEVNULL) -> "RunningProgram":
        command = [sys.executable, *self.arguments]
        if leashed:
            command = leash.leashed(command)
        with storage_errors(self.log):
            self.log.parent.mkdir(parents=True, exist_ok=True)
            output = self.log.open("ab")
        with output:
            offset = output.tell()
            process = subprocess.Popen(
                command,
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,
            )
        return RunningProgram(program=self, process=process, log_offset=offset)


@dataclass(slots=True, kw_only=True)
class RunningProgram:
    program: Program
    process: subprocess.Popen[bytes]
    log_offset: int

    @property
    def id(self) -> ProcessId | None:
        return ProcessId.of(self.process.pid)

    def output(self) -> str:
        """What this run has printed so far."""
        with self.program.log.open("rb") as log:
            log.seek(self.log_offset)
            return log.read().decode(errors="replace")

    def await_line(self, accept: Callable[[str], bool], *, deadline_s: float) -> str:
        """The first whole line printed that `accept` takes; raises what `failure` gives."""

        def found() -> str | None:
            lines = self.output().splitlines(keepends=True)
            return next((line.strip() for line in lines if line.endswith("\n") and accept(line)), None)

        self.await_condition(found, deadline_s=deadline_s)
        return found() or ""

    def await_condition(self, condition: Callable[[], object], *, deadline_s: float) -> None:
        """Until it is true; raises what `failure` gives when the program ends before that, or it takes too long."""
        if not await_condition(lambda: condition() or self.process.poll() is not None, deadline_s=deadline_s):
            raise self.failure(f"was not ready within {deadline_s:g} s")
        if self.process.poll() is not None and not condition():
            raise self.failure(f"ended with exit code {self.process.returncode}")

    def await_end(self, *, deadline_s: float) -> None:
        """Until it has ended well; raises what `failure` gives when it ends otherwise, or not in time."""
        try:
            self.process.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise self.failure(f"did not end within {deadline_s:g} s") from None
        if self.process.returncode != 0:
            raise self.failure(f"ended with exit code {self.process.returncode}")

    def failure(self, reason: str) -> FoglineError:
        """ProgramFailedError, unless the program itself ended with an error of ours and a line about it."""
        lines = self.output().splitlines()
        said = _OWN_ERROR.fullmatch(lines[-1]) if lines else None
        kind = _BY_EXIT_CODE.get(self.process.poll() or 0)
        if said and kind:
            return kind(f"{self.program.name}: {said[1]}")
        last = "\n".join(lines[-12:])
        return ProgramFailedError(f"{self.program.name} {reason}; its log is {self.program.log} and ends with:\n{last}")

    def kill(self) -> None:
        """SIGKILL; returns once it is gone."""
        self.process.kill()
        self.process.wait()

    def suspend(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        """SIGTERM, without waiting."""
        if self.process.poll() is None:
            self.process.terminate()

    def stop(self, *, patience_s: float = 15.0) -> None:
        self.terminate()
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self.kill()


def await_condition(condition: Callable[[], object], *, deadline_s: float) -> bool:
    """Whether it became true in time. For conditions nobody announces: a process's end, a line in a file."""
    deadline = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_S)
    return True
