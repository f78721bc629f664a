"""The bare programs as processes of their own, like the agent they are compared with."""

from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from shared.documents import encode
from simulations.bench.bench import Bench
from simulations.programs import Program, RunningProgram


@contextmanager
def bare(bench: Bench, module: str, settings: msgspec.Struct) -> Iterator[RunningProgram]:
    """`simulations.bench.bare.<module>` for the length of the block."""
    name = bench.unique(module)
    file = bench.layout.directory / f"{name}.json"
    file.write_bytes(encode(settings))
    program = Program(
        name=name, arguments=("-m", f"simulations.bench.bare.{module}", str(file)), log=bench.layout.log(name)
    )
    running = program.start(leashed=True)
    try:
        yield running
    finally:
        running.kill()
