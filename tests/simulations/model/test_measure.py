"""How fast the model is, its command says; here only that it measures what it was asked to."""

import re

import pytest

from simulations.model.measure import experiment, main
from simulations.model.service import from_bench
from simulations.model.simulation import simulate


def test_its_devices_send_what_they_were_asked_to() -> None:
    measured = experiment(50, rate=2.0, duration_s=10, replicas=2)
    outcome = simulate(measured, from_bench(measured.tiers))
    assert len(outcome.records) == pytest.approx(50 * 2.0 * 10, rel=0.2)


def test_the_command_prints_one_figure(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--clients", "50", "--rate", "2", "--seconds", "5", "--replicas", "1"])
    assert re.fullmatch(r"[1-9][0-9,]* device-records a second on one core\n", capsys.readouterr().out)
