"""The shaper as a program of its own, for who runs an experiment."""

import subprocess
from pathlib import Path
from typing import Self

import msgspec

from shared.documents.codec import decode, encode
from shared.errors import SettingsError
from shared.storage import replace_file, storage_errors
from simulations.links.control import Answer, Command, Cut, Mend, Ready, Report, Slow, written
from simulations.links.settings import ShaperSettings, problems
from simulations.links.statistics import ShaperStatistics
from simulations.programs import Program, RunningProgram

READY_DEADLINE_S = 30.0
OBEYED_DEADLINE_S = 10.0


class Shaper:
    """Carries connections while it is entered. Its settings are written beside `log`.

    Raises SettingsError for settings that contradict themselves, ProgramFailedError when the process ends too early.
    """

    def __init__(self, settings: ShaperSettings, *, log: Path) -> None:
        for problem in problems(settings):
            raise SettingsError(problem)
        self._settings = settings
        self._file = log.with_suffix(".json")
        self._program = Program(name="shaper", arguments=("-m", "simulations.links", str(self._file)), log=log)
        self._running: RunningProgram | None = None
        self.ports: tuple[int, ...] = ()

    def __enter__(self) -> Self:
        with storage_errors(self._file):
            self._file.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._file, msgspec.json.format(encode(self._settings)))
        self._running = self._program.start(leashed=True, stdin=subprocess.PIPE)
        try:
            line = self._running.await_line(lambda line: line.startswith("{"), deadline_s=READY_DEADLINE_S)
        except BaseException:
            self.stop()
            raise
        self.ports = decode(line, Ready).ports
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def running(self) -> RunningProgram:
        """The process, to measure what it costs."""
        if self._running is None:
            raise RuntimeError("the shaper was not entered")
        return self._running

    def cut(self, link: str) -> float:
        """From the moment returned (CLOCK_MONOTONIC, seconds) nothing crosses the link; connections stay open."""
        return self._tell(Cut(link=link)).at_s

    def mend(self, link: str) -> float:
        """Each connection goes on when its sender's retransmission timer fires: up to the outage's length later."""
        return self._tell(Mend(link=link)).at_s

    def slow(self, link: str, factor: float) -> float:
        """The latency both ways is `factor` times that of the settings; 1 ends it."""
        return self._tell(Slow(link=link, factor=factor)).at_s

    def statistics_since(self) -> ShaperStatistics:
        """Since the last call, or since the start; it goes on carrying."""
        found = self._tell(Report()).statistics
        if found is None:
            raise self.running.failure("answers a report without statistics")
        return found

    def stop(self) -> None:
        running = self._running
        if running is not None:
            running.stop()
            if running.process.stdin is not None:
                running.process.stdin.close()

    def _tell(self, command: Command) -> Answer:
        running = self.running
        if running.process.stdin is None:
            raise RuntimeError("the shaper has no standard input")
        number = len(self._answered())
        try:
            running.process.stdin.write(encode(written(command)) + b"\n")
            running.process.stdin.flush()
        except BrokenPipeError as error:
            raise running.failure("takes no commands") from error
        running.await_condition(lambda: len(self._answered()) > number, deadline_s=OBEYED_DEADLINE_S)
        answer = decode(self._answered()[number], Answer)
        if answer.refused:
            raise SettingsError(answer.refused)
        return answer

    def _answered(self) -> list[str]:
        """A line for each command so far; the first thing it says is that it is ready."""
        return [line for line in self.running.output().splitlines(keepends=True) if line.endswith("\n")][1:]
