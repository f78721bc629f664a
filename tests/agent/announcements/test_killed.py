"""The real agent is killed between the report and the commit."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from simulations.kafka.cluster import KafkaCluster
from tests.agent.announcements.test_finding import message
from tests.agent.announcements.watching import document, send
from tests.agent.documents import assignment
from tests.agent.inference.tiers import cluster_of
from tests.agent.pretend import TOKEN, PretendControlPlane, pretend_control_plane


@asynccontextmanager
async def agent(server: PretendControlPlane, state: Path) -> AsyncIterator[Process]:
    flags = ["--control-plane", server.url, "--state-dir", str(state), "--name", "node-1"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent", *flags, stderr=PIPE, env={"FOGLINE_AGENT_TOKEN": TOKEN}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.slow  # the group waits for the killed member
async def test_killed_before_the_commit_it_tells_the_same_again_and_leaves_nothing_out(
    broker: KafkaCluster, unique: str, tmp_path: Path
) -> None:
    here = cluster_of(broker)
    watched = document(here, unique)
    async with pretend_control_plane() as server:
        server.withholds = True
        await server.assign(assignment(1, watched))
        await send(here, watched.control_topic, (b"3", message()), (b"4", b"garbage"))
        async with agent(server, tmp_path) as process:
            await server.until(lambda: bool(server.streams))
            process.send_signal(signal.SIGKILL)
            await process.wait()
        server.withholds = False
        await send(here, watched.control_topic, (b"5", message()))
        async with agent(server, tmp_path):
            await server.until(lambda: any(one.offset == 2 for report in server.streams[1:] for one in report.found))
    first, again = server.streams[0].found, [one for report in server.streams[1:] for one in report.found]
    assert [one.offset for one in again] == [0, 1, 2]
    assert again[: len(first)] == list(first)
