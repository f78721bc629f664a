"""The bare parts as processes of their own, like the agent they are compared with."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from shared.documents import encode
from simulations.bench.bare.inference import Speed, Speeds
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.programs import Program, RunningProgram

DEADLINE_S = 120.0
PYTHON = Path(sys.executable)


@contextmanager
def bare(bench: Bench, module: str, settings: msgspec.Struct) -> Iterator[RunningProgram]:
    """`simulations.bench.bare.<module>` for the length of the block."""
    name = bench.unique(module)
    file = bench.layout.directory / f"{name}.json"
    file.write_bytes(encode(settings))
    program = Program(name=name, arguments=("-m", _path(module), str(file)), log=bench.layout.log(name))
    running = program.start(leashed=True)
    try:
        yield running
    finally:
        running.kill()


def printed(module: str, *arguments: str, python: Path = PYTHON, deadline_s: float = DEADLINE_S) -> str:
    """What `simulations.bench.bare.<module>` prints until it ends. Raises BenchError when it ends badly."""
    command = [str(python), "-m", _path(module), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=deadline_s, check=False)
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{module} {' '.join(arguments)} took longer than {deadline_s:g} s") from error
    if done.returncode:
        last = (done.stderr.splitlines() or [f"exit code {done.returncode}"])[-1]
        raise BenchError(f"{module} {' '.join(arguments)} failed: {last}")
    return done.stdout


def bare_inference(
    batches: Sequence[int], *, backend: str = "litert", threads: int = 1, seconds: float, python: Path = PYTHON
) -> Speeds:
    """Each batch size for `seconds`."""
    arguments = (backend, str(threads), str(seconds), *map(str, batches))
    return msgspec.json.decode(printed("inference", *arguments, python=python), type=Speeds)


def litert_speed(*, batch: int, seconds: float) -> Speed:
    return bare_inference([batch], seconds=seconds).by_batch[batch]


def _path(module: str) -> str:
    return f"simulations.bench.bare.{module}"
