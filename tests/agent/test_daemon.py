"""The whole agent as a process of its own, against a control plane that can be told to misbehave."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from shared.documents import NodeReport, Phase
from tests.agent import counting_agent
from tests.agent.documents import assignment, workload
from tests.agent.pretend import TOKEN, PretendControlPlane, pretend_control_plane


@pytest.fixture
async def control_plane() -> AsyncIterator[PretendControlPlane]:
    async with pretend_control_plane() as made:
        yield made


@asynccontextmanager
async def agent(state: Path, control_plane: PretendControlPlane, *more: str) -> AsyncIterator[Process]:
    flags = ["--control-plane", control_plane.url, "--state-dir", str(state), "--name", "node-1", *more]
    process = await asyncio.create_subprocess_exec(
        sys.executable, counting_agent.__file__, *flags, stderr=PIPE, env={"FOGLINE_AGENT_TOKEN": TOKEN}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


def diary(state: Path) -> list[str]:
    return [line for path in sorted((state / "spool").glob("*/diary")) for line in path.read_text().splitlines()]


def all_running(generation: int) -> Callable[[NodeReport], bool]:
    return lambda report: (
        report.observed_generation == generation
        and bool(report.workloads)
        and all(one.phase is Phase.RUNNING for one in report.workloads)
    )


async def test_a_new_agent_enrols_runs_its_assignment_and_reports(
    tmp_path: Path, control_plane: PretendControlPlane
) -> None:
    await control_plane.assign(assignment(1, workload("one"), workload("two")))
    async with agent(tmp_path, control_plane, "--label", "tier=edge"):
        report = await control_plane.report(all_running(1))
    assert control_plane.enrolments[0].labels == {"tier": "edge"}
    assert {one.id for one in report.workloads} == {"one", "two"}
    assert report.facts.cores >= 1


async def test_sigterm_drains_and_exits_zero(tmp_path: Path, control_plane: PretendControlPlane) -> None:
    await control_plane.assign(assignment(1, workload()))
    async with agent(tmp_path, control_plane) as process:
        await control_plane.report(all_running(1))
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    assert diary(tmp_path)[-1] == "one drained"
