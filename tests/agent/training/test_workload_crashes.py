"""The whole agent with a training run: killed itself, its trainer killed, the run taken away at last."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from shared.documents import ArtifactFormat, Cluster, Export, ExportForm, Framework, Phase, Sasl, SaslMechanism
from tests.agent.documents import assignment
from tests.agent.pretend import TOKEN, PretendControlPlane
from tests.agent.training.running.attempts import PARAMETERS, TORCH_NETWORK, Bench, sent, training
from tests.agent.training.running.programs import at_work_in

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@asynccontextmanager
async def agent(state: Path, control_plane: PretendControlPlane) -> AsyncIterator[Process]:
    flags = ["--control-plane", control_plane.url, "--state-dir", str(state), "--name", "node-1"]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agent", *flags, stderr=DEVNULL, env={**os.environ, "FOGLINE_AGENT_TOKEN": TOKEN}
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(holds: Callable[[], object], *, by: Process | None = None) -> None:
    async with asyncio.timeout(500):
        while not holds():
            assert by is None or by.returncode is None, "the agent has ended"
            await asyncio.sleep(0.05)


def trainer_in(folder: Path) -> int | None:
    for process in at_work_in(folder):
        try:
            arguments = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        except OSError:
            # It has just ended.
            continue
        if arguments[1:4] == [b"-m", b"agent.training", b"."]:
            return process
    return None


async def test_a_run_survives_its_trainer_and_its_agent_and_leaves_nothing_behind(
    bench: Bench, cluster: Cluster, unique: str, tmp_path: Path
) -> None:
    state, control_plane = tmp_path / "state", bench.control_plane
    common = state / "common" / "training"
    control_plane.artifacts[sha256(TORCH_NETWORK.encode()).hexdigest()] = TORCH_NETWORK.encode()
    secret = Sasl(mechanism=SaslMechanism.PLAIN, username="me", password="very-secret")
    parameters = msgspec.structs.replace(PARAMETERS, epochs=60)
    known = msgspec.structs.replace(cluster, sasl=secret)
    document = training(
        known,
        await sent(cluster, unique),
        network=TORCH_NETWORK,
        framework=Framework.TORCH,
        export=Export(forms=(ExportForm(format=ArtifactFormat.TORCH),)),
        parameters=parameters,
    )
    await control_plane.assign(assignment(1, document))
    async with agent(state, control_plane) as process:
        # 1. The trainer is killed in the midst of it.
        await until(lambda: [*common.glob("runs/*/checkpoints/0*3.checkpoint")])
        trainer = trainer_in(common)
        assert trainer is not None
        os.kill(trainer, signal.SIGKILL)
        await until(lambda: trainer_in(common) not in (None, trainer))
        # 2. The agent is, and takes everybody along.
        process.kill()
        await process.wait()
        await until(lambda: not at_work_in(common))
    async with agent(state, control_plane) as process:
        # 3. The next one goes on to the end.
        await until(lambda: control_plane.results, by=process)
        await control_plane.report(lambda one: [each.phase for each in one.workloads] == [Phase.FINISHED])
        assert [one for one in common.rglob("*") if one.is_file() and b"very-secret" in one.read_bytes()] == []
        # 4. Taken away, it is forgotten.
        await control_plane.assign(assignment(2))
        await until(lambda: not [*common.glob("*/*")], by=process)
        assert process.returncode is None
    assert len(control_plane.results) == 1
    assert control_plane.results[0][1].epochs == 60
