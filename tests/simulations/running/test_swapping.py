"""A hot swap under load, by the control plane: nothing is lost or doubled, and every record says who answered it."""

from hashlib import sha256
from pathlib import Path

import pytest

from simulations.demo.example import Example
from simulations.experiment.read import parse
from simulations.running.repetition import Repetition, run
from simulations.running.rows import records
from simulations.running.site import Site
from simulations.running.swapping import next_version

RECORDS = 250
FILE = """
api_version = "fogline/v1"
kind = "experiment"
name = "swap"
tiers = [{ name = "edge", exit = { threshold = 0.75 } }, { name = "fog" }, { name = "cloud" }]
faults = [{ at = "1 s", kind = "swap", on = "deployment" }]
"""


def test_the_next_version_is_the_same_network_in_other_files(tmp_path: Path) -> None:
    example = Example.load()
    first, second = (next_version(example, number, tmp_path / str(number)) for number in (1, 2))
    digests = [
        {artifact.sha256 for one in manifest.sub_models for artifact in one.artifacts}
        for manifest in (example.manifest, first, second)
    ]
    assert len(set.union(*digests)) == 3 * len(digests[0])
    for one in second.sub_models:
        for artifact in one.artifacts:
            content = (tmp_path / "2" / artifact.file).read_bytes()
            assert (sha256(content).hexdigest(), len(content)) == (artifact.sha256, artifact.size_bytes)
            assert content.startswith((example.folder / artifact.file).read_bytes())


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_swap_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    experiment, example = parse(FILE), Example.load()
    due_s = [[number * 0.1 for number in range(RECORDS)]]
    with Site(experiment, tmp_path) as site:
        repetition = Repetition(
            name="one",
            experiment=experiment,
            example=example,
            sample=example.sample,
            due_s=due_s,
            images=[range(RECORDS)],
            seed=1,
        )
        outcome = run(site, repetition)
    assert [fault.kind for fault in outcome.faults] == ["swap"]
    rows = records(outcome.results, cell=0, repetition=0)
    assert {(row.answers, row.dead_letter) for row in rows} == {(1, None)}
    assert {row.version for row in rows} == {1, 2}
