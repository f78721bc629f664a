"""One repetition on real programs: every record that was due is in the table, with where it was answered."""

from pathlib import Path

import pytest

from simulations.demo.example import Example
from simulations.experiment.document import Experiment, Load, Tier
from simulations.running.repetition import Repetition, run
from simulations.running.site import Site

pytestmark = pytest.mark.slow
CLIENTS, RECORDS = 3, 40


@pytest.mark.timeout(600)
def test_all_tiers_answer_and_no_record_is_missing(tmp_path: Path) -> None:
    experiment = Experiment(
        api_version="fogline/v1",
        kind="experiment",
        name="three-tiers",
        tiers=(Tier(name="edge"), Tier(name="fog"), Tier(name="cloud")),
        load=Load(clients=CLIENTS, records=RECORDS),
    )
    due_s = [[number * 0.02 for number in range(RECORDS)]] * CLIENTS
    example = Example.load()
    with Site(experiment, tmp_path) as site:
        for seed in (1, 2):
            repetition = Repetition(
                name=f"run-{seed}",
                experiment=experiment,
                example=example,
                sample=example.sample,
                due_s=due_s,
                images=[range(RECORDS)] * CLIENTS,
                seed=seed,
            )
            results = run(site, repetition).results
            assert {(one.client, one.number) for one in results} == {
                (client, number) for client in range(CLIENTS) for number in range(RECORDS)
            }
            assert all(one.answers == 1 for one in results)
            for one in results:
                assert one.acked_us is not None
                assert one.answered_us is not None
                assert one.due_us <= one.sent_us < one.answered_us
            assert {one.prediction.tier for one in results if one.prediction} == {"edge", "fog", "cloud"}
