"""The real agent with the counting workload, as a process of its own."""

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType

from shared.documents import NodeReport, Phase
from tests.agent import counting_agent


@asynccontextmanager
async def counting(
    state: Path,
    url: str,
    *more: str,
    token: str,
    variables: Mapping[str, str] = MappingProxyType({}),
) -> AsyncIterator[Process]:
    flags = ["--control-plane", url, "--state-dir", str(state), "--name", "node-1", *more]
    environment = {"FOGLINE_AGENT_TOKEN": token, **variables}
    process = await asyncio.create_subprocess_exec(
        sys.executable, counting_agent.__file__, *flags, stderr=PIPE, env=environment
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def diary(state: Path) -> list[str]:
    return [line for path in sorted((state / "spool").glob("*/diary")) for line in path.read_text().splitlines()]


async def until(holds: Callable[[], bool]) -> None:
    """For what another process leaves on disk."""
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.05)


def all_running(generation: int) -> Callable[[NodeReport], bool]:
    return lambda report: (
        report.observed_generation == generation
        and bool(report.workloads)
        and all(one.phase is Phase.RUNNING for one in report.workloads)
    )
