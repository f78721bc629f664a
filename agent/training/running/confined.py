"""A program that is somebody else's, as a child process within limits: agents run training in it, people try networks.

    ending = await Confined(arguments=("-m", "agent.training", str(folder)), folder=folder, limits=Limits()).run(
        said=print, noticed=print
    )

Held by a guard (guard.py): no network unless the limits allow it, memory and processes bounded, an environment without
secrets, none of it outlives its parent, however that dies, and where the kernel has Landlock it writes in its folder
alone, and reads there, what the limits name, and what Python and its libraries are made of (reach.py).
"""

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import msgspec

from agent.training.running.environment import environment
from agent.training.running.guard import Word
from agent.training.running.limits import Limits
from agent.training.running.lines import lines
from shared.errors import UnavailableError
from shared.storage import storage_errors

_LAST_LINES = 20
_SHOWN_LINE = 500
_Heard = Callable[[bytes], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """`status`: its exit code, or the number of the signal that ended it, negative. `exceeded`: the limit it was ended
    for, as in "held 900 MiB of memory, and may have 512 MiB". `errors`: the last lines it wrote on standard error.
    """

    status: int
    exceeded: str = ""
    errors: tuple[str, ...] = ()

    @property
    def signal(self) -> str:
        """Of what ended it; empty where it ended by itself."""
        return signal.Signals(-self.status).name if self.status < 0 else ""


@dataclass(slots=True, kw_only=True)
class Confined:
    """`arguments`: of this Python. `folder`: it works there, and finds its home and its temporary files there.

    `given` is what it reads on standard input, and after that what is put into `told`; without `told` that is all.
    """

    arguments: tuple[str, ...]
    folder: Path
    limits: Limits
    given: bytes = b""
    told: asyncio.Queue[bytes] | None = None
    _guard: Process | None = field(default=None, init=False)
    _is_leaving: bool = field(default=False, init=False)

    async def run(self, *, said: _Heard, noticed: Callable[[str], None]) -> Ending:
        """To its end. `said` is given each line of its output, `noticed` what could not be kept from it.

        Cancelled, it is killed, and none of it lives on return. Raises StorageError, UnavailableError.
        """
        errors: deque[str] = deque(maxlen=_LAST_LINES)
        words: list[Word] = []

        def spoken(line: bytes) -> None:
            words.append(msgspec.json.decode(line, type=Word))
            if words[-1].notice:
                noticed(words[-1].notice)

        async with self._started() as (guard, guards_words), asyncio.TaskGroup() as tasks:
            giving = tasks.create_task(_give(guard, self.given, self.told))
            tasks.create_task(_each(guard.stdout, said))
            tasks.create_task(_each(guard.stderr, lambda line: errors.append(_shown(line))))
            tasks.create_task(_each(guards_words, spoken))
            status = await guard.wait()
            giving.cancel()
        return Ending(
            # What was killed with its warden, or lost its guard, has nobody to say how it ended; nor has a guard that
            # ended while it was sent a signal: asyncio calls that 255.
            status=next(
                (one.status for one in words if one.status is not None),
                -signal.SIGKILL if status in (0, 255) else status,
            ),
            exceeded=next((one.exceeded for one in words if one.exceeded), ""),
            errors=(*errors,),
        )

    def leave(self) -> None:
        """Ask it to; killed when it is still there after the grace. Idempotent."""
        self._is_leaving = True
        self._send(signal.SIGTERM)

    @asynccontextmanager
    async def _started(self) -> AsyncIterator[tuple[Process, asyncio.StreamReader]]:
        reading, writing = os.pipe()
        with ExitStack() as resources:
            words = resources.enter_context(os.fdopen(reading, "rb", 0))
            with os.fdopen(writing, "wb", 0):
                self._guard = await self._start(writing)
            if self._is_leaving:
                self._send(signal.SIGTERM)
            try:
                reader, transport = await _reader(words)
                resources.callback(transport.close)
                yield self._guard, reader
            finally:
                self._send(signal.SIGHUP)
                await self._guard.wait()

    async def _start(self, words: int) -> Process:
        home, temporary = self.folder / "home", self.folder / "tmp"
        await asyncio.to_thread(_make, home, temporary)
        limits = msgspec.json.encode(self.limits).decode()
        guard = ("-m", "agent.training.running.guard", limits, str(os.getpid()), str(words))
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                *guard,
                sys.executable,
                *self.arguments,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                cwd=self.folder,
                env=environment(os.environ, home=home, temporary=temporary),
                pass_fds=(words,),
                start_new_session=True,
            )
        except OSError as error:
            raise UnavailableError(f"no process can be started: {error}") from error

    def _send(self, number: signal.Signals) -> None:
        if self._guard is not None and self._guard.returncode is None:
            with suppress(ProcessLookupError):
                self._guard.send_signal(number)


def _make(home: Path, temporary: Path) -> None:
    with storage_errors(temporary):
        # What was killed before has left what it had there.
        shutil.rmtree(temporary, ignore_errors=True)
        for folder in (home, temporary):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


async def _reader(pipe: IO[bytes]) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    return reader, transport


async def _give(guard: Process, content: bytes, told: asyncio.Queue[bytes] | None) -> None:
    assert guard.stdin is not None  # noqa: S101 - it was asked for
    try:
        with suppress(BrokenPipeError, ConnectionResetError):
            guard.stdin.write(content)
            await guard.stdin.drain()
            while told is not None:
                guard.stdin.write(await told.get())
                await guard.stdin.drain()
    finally:
        guard.stdin.close()


async def _each(stream: asyncio.StreamReader | None, heard: _Heard) -> None:
    assert stream is not None  # noqa: S101 - it was asked for
    async for line in lines(stream):
        heard(line)


def _shown(line: bytes) -> str:
    return line.decode(errors="replace")[:_SHOWN_LINE]
