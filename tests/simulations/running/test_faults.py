"""Faults under load, over a link: in the end every record is answered."""

from pathlib import Path

import pytest

from simulations.demo.example import Example
from simulations.experiment.read import parse
from simulations.running.repetition import Repetition, run
from simulations.running.site import Site

pytestmark = pytest.mark.slow
FILE = """
api_version = "fogline/v1"
kind = "experiment"
name = "faults"
repetitions = 1
tiers = [{ name = "edge", exit = { threshold = 0.75 } }, { name = "fog" }, { name = "cloud" }]
links = [{ between = ["edge", "fog"], latency = "15 ms" }]
faults = [
    { at = "500 ms", kind = "kill", on = "agent:edge-1" },
    { at = "1 s", kind = "restart", on = "agent:edge-1" },
    { at = "1500 ms", kind = "cut", on = "link:edge-fog" },
    { at = "2500 ms", kind = "mend", on = "link:edge-fog" },
    { at = "2600 ms", kind = "kill", on = "control-plane" },
]
"""
RECORDS = 160


@pytest.mark.timeout(600)
def test_no_record_is_lost_to_a_killed_agent_and_a_cut_link(tmp_path: Path) -> None:
    experiment = parse(FILE)
    due_s = [[number * 0.02 for number in range(RECORDS)]]
    with Site(experiment, tmp_path) as site:
        example = Example.load()
        repetition = Repetition(
            name="one",
            experiment=experiment,
            example=example,
            sample=example.sample,
            due_s=due_s,
            images=[range(len(due)) for due in due_s],
            seed=1,
        )
        outcome = run(site, repetition)
    assert [fault.kind for fault in outcome.faults] == ["kill", "restart", "cut", "mend", "kill"]
    assert all(one.answers >= 1 for one in outcome.results)
    answered = {one.prediction.tier: one for one in outcome.results if one.prediction is not None}
    forwarded = [one for one in outcome.results if one.prediction is not None and len(one.prediction.trail) > 1]
    assert set(answered) == {"edge", "fog", "cloud"}
    for one in forwarded:
        below, above, *_ = one.prediction.trail if one.prediction else ()
        assert above.received_us - below.sent_us >= 15_000
