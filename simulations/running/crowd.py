"""The clients' program as whoever starts it sees it."""

import subprocess
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Self

import msgspec

from shared.documents import encode
from simulations.programs import Program, RunningProgram
from simulations.running.clients import FROM_STDIN, Began, ClientsSettings, Result

# What the clients need beside the load itself: to start, to connect, to write down what they saw.
OVERHEAD_S = 60.0


class Crowd:
    """Entered, the program is on its way, and has the time until `begin` to start. Left, it is gone."""

    def __init__(self, *, log: Path) -> None:
        arguments = ("-m", "simulations.running.clients", FROM_STDIN)
        self._program = Program(name="the clients", arguments=arguments, log=log)
        self._open = ExitStack()

    def begin(self, settings: ClientsSettings, file: Path) -> int:
        """When the load begins, in microseconds of the monotonic clock; `settings` are written to `file`.

        Raises what RunningProgram's `failure` gives when the program ends before.
        """
        file.write_bytes(encode(settings))
        self._settings = settings
        with suppress(BrokenPipeError):  # it has ended, which is found next
            self._told.write(f"{file}\n".encode())
            self._told.flush()
        line = self.running.await_line(lambda line: line.startswith('{"began_us"'), deadline_s=OVERHEAD_S)
        return msgspec.json.decode(line, type=Began).began_us

    @property
    def is_under_way(self) -> bool:
        return self.running.process.poll() is None

    def results(self) -> list[Result]:
        """One a record that was due, once the load has ended. Raises what RunningProgram's `failure` gives."""
        last_s = max((moment for due in self._settings.due_s for moment in due), default=0.0)
        self.running.await_end(deadline_s=last_s + self._settings.patience_s + OVERHEAD_S)
        return msgspec.json.decode(Path(self._settings.results).read_bytes(), type=list[Result])

    def __enter__(self) -> Self:
        self.running: RunningProgram = self._program.start(leashed=True, stdin=subprocess.PIPE)
        if self.running.process.stdin is None:
            raise RuntimeError("the clients have no standard input")
        self._told = self._open.enter_context(self.running.process.stdin)
        self._open.callback(self.running.stop, patience_s=0)
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._open.close()
