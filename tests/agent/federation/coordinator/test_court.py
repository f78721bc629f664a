"""The network's process: asked over and over, dead and back, and never trusted with more than its own folder."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import numpy as np
import pytest

from agent.federation.coordinator.court import Court
from agent.training.running.harvest import trained
from agent.training.running.limits import Limits
from agent.training.running.outcome import HopelessError
from shared.documents import Framework, TrainingParameters
from tests.agent.training.running.attempts import TORCH_NETWORK
from tests.agent.training.running.programs import at_work_in
from tests.agent.training.runs import prepare

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@asynccontextmanager
async def sitting(folder: Path, notices: list[str]) -> AsyncIterator[Court]:
    court = Court(folder=folder, limits=Limits(reads=(str(folder),)), noticed=notices.append)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(court.run())
        yield court
        running.cancel()


async def test_a_network_begins_judges_dies_and_concludes(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", TrainingParameters(), network=TORCH_NETWORK, framework=Framework.TORCH)
    notices: list[str] = []
    async with sitting(folder, notices) as court:
        model = await court.initial()
        assert {name: one.dtype for name, one in model.items()} == dict.fromkeys(model, np.dtype(np.float32))
        first = await court.metrics(model, 1)
        assert set(first) == {"cloud/accuracy", "cloud/loss"}
        for process in at_work_in(folder):
            # The guard's end is that of the others.
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        better = {name: one * 0 for name, one in model.items()}
        assert (await court.metrics(better, 2))["cloud/loss"] == pytest.approx(np.log(3))
        assert await court.metrics(model, 3) == first
        await court.conclude(model)
    assert set(trained(folder).files) == {"weights.npz", "description.json", "judgements.json", "history.json"}
    assert trained(folder).test["cloud"].loss > 0


async def test_a_network_that_ends_its_process_is_given_up_in_the_end(tmp_path: Path) -> None:
    harmful = "import os\n\n\ndef network():\n    os._exit(0)\n"
    folder = prepare(tmp_path / "run", TrainingParameters(), network=harmful, framework=Framework.TORCH)
    notices: list[str] = []
    async with sitting(folder, notices) as court:
        with pytest.raises(HopelessError, match="ended without an answer"):
            await court.initial()
    assert len(notices) == 3


async def test_a_network_that_is_none_is_hopeless_at_once(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", TrainingParameters(), network="1 +", framework=Framework.TORCH)
    async with sitting(folder, []) as court:
        with pytest.raises(HopelessError, match=r"network\.py:1"):
            await court.initial()
