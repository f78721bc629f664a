"""An experiment's runs, some of them side by side, each in a process of its own; none outlives the one that asked."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from shared import errors
from shared.documents import decode
from shared.errors import DocumentError, FoglineError
from simulations.federation.outcome import Outcome, SeedOutcome, together
from simulations.federation.read import FederationFile
from simulations.federation.said import AnySaid, Failed, Finished, Going

Told = Callable[[int, Going], None]
_LONGEST_LINE = 2**28
_BY_EXIT_CODE: dict[int, type[FoglineError]] = {
    kind.exit_code: kind for kind in FoglineError.__subclasses__() if kind.__module__ == errors.__name__
}


class RunFailedError(FoglineError):
    """The process of a run ended without saying why."""


def run(file: Path, found: FederationFile, *, processes: int, threads: int, told: Told) -> Outcome:
    """`told`: a seed, and how far its run is. Raises what a run fails by, and KeyboardInterrupt."""
    try:
        seeds = asyncio.run(_all(file, found.experiment.seeds, processes=processes, threads=threads, told=told))
    except BaseExceptionGroup as several:
        # Not `except*`: what that raises, Python 3.11.2 puts into a group again.
        errors_of_runs, others = several.split(FoglineError)
        if errors_of_runs is None or others is not None:
            raise
        raise _first(errors_of_runs) from None
    return together(found.experiment.name, found.digest, seeds)


async def _all(
    file: Path, seeds: tuple[int, ...], *, processes: int, threads: int, told: Told
) -> tuple[SeedOutcome, ...]:
    places = asyncio.Semaphore(processes)

    async def one(seed: int) -> SeedOutcome:
        async with places:
            return await _one(file, seed, threads=threads, told=told)

    async with asyncio.TaskGroup() as group:
        running = [group.create_task(one(seed)) for seed in seeds]
    return tuple(each.result() for each in running)


async def _one(file: Path, seed: int, *, threads: int, told: Told) -> SeedOutcome:
    last: AnySaid | None = None
    async with _program(str(file), str(seed), str(threads)) as (process, lines):
        async for line in lines:
            last = decode(line, AnySaid)  # type: ignore[arg-type]
            if isinstance(last, Going):
                told(seed, last)
        code = await process.wait()
    match last:
        case Finished(outcome=outcome):
            return outcome
        case Failed() as failed:
            raise _error(failed)
    raise RunFailedError(f"the run of seed {seed} ended with code {code} and said nothing of why")


@asynccontextmanager
async def _program(*given: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, asyncio.StreamReader]]:
    """It is not there any more after the block, however the block ends."""
    program = (sys.executable, "-m", "simulations.federation", *given)
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(*program, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE)
    )
    try:
        # One that is called off while it starts would start all the same, and nobody would know it.
        process = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _end(await starting)
        raise
    try:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        yield process, process.stdout
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
    await process.communicate()


def _error(failed: Failed) -> FoglineError:
    kind = _BY_EXIT_CODE.get(failed.exit_code, FoglineError)
    return DocumentError(failed.reason, field=failed.field) if kind is DocumentError else kind(failed.reason)


def _first(group: BaseExceptionGroup[FoglineError]) -> FoglineError:
    one: BaseException = group
    while isinstance(one, BaseExceptionGroup):
        one = one.exceptions[0]
    assert isinstance(one, FoglineError)  # noqa: S101 - of such the group is made
    return one
