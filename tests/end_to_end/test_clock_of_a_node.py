"""A node whose wall clock is wrong by a day: records pass as before."""

import os
from pathlib import Path
from typing import Any

import pytest
from numpy.typing import NDArray

from shared.documents import Deployment
from simulations.stack import Stack
from tests.end_to_end.driving import TIERS, deploy
from tests.end_to_end.traffic import Traffic

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

DAY_S = 86_400
# Imported by an interpreter before everything else. aiokafka asks C for the time of a record that is given none.
SHIFTED = """
import datetime, time
from aiokafka.producer.message_accumulator import BatchBuilder

class Shifted(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds={shift_s})

def append(self, *, timestamp, key, value, headers=()):
    return right_append(self, timestamp=timestamp or int(time.time() * 1000), key=key, value=value, headers=headers)

right_time, right_append = time.time, BatchBuilder.append
time.time = lambda: right_time() + {shift_s}
datetime.datetime, BatchBuilder.append = Shifted, append
"""


@pytest.fixture(params=[DAY_S, -DAY_S], ids=["ahead", "behind"])
def wrong_clock(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of a program whose clock is wrong; the test's own and the broker's stay right."""
    folder = tmp_path / "clock"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(SHIFTED.format(shift_s=request.param))
    return {"PYTHONPATH": os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))}


async def test_agents_whose_clock_is_wrong_by_a_day_answer_every_record(
    stack: Stack,
    deployment: Deployment,
    traffic: Traffic,
    images: NDArray[Any],
    wrong_clock: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """1. every agent starts with the wrong clock; 2. deploy, which makes the topics; 3. every tier answers."""
    for name, value in wrong_clock.items():
        monkeypatch.setenv(name, value)
    for tier in TIERS:
        stack.programs[f"{tier}-1"].stop()
        stack.start_agent(f"{tier}-1")
    deploy(stack, deployment)
    outcome = await traffic.outcome(await traffic.send(image.tobytes() for image in images[:300]))
    assert not outcome.dead_letters
    assert {one[0].tier for one in outcome.answers.values()} == set(TIERS)
    assert all(one[0].latency_ms >= 0 for one in outcome.answers.values())
