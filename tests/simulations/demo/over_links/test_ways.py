"""Both ways are sound experiments over the same places, links, images and moments."""

from pathlib import Path

import pytest

from shared.errors import SettingsError
from simulations.demo.over_links.story import ways
from simulations.demo.over_links.ways import WARM_UP_S
from simulations.experiment import check
from simulations.experiment.document import Experiment
from simulations.experiment.presets import PRESETS
from simulations.experiment.sweep import Cell
from simulations.experiment.turns import Turn
from simulations.running.preparing import prepared
from simulations.running.repetition import Repetition


def repetition(experiment: Experiment) -> Repetition:
    cell = Cell(index=0, name="", settings={}, experiment=experiment)
    return prepared(Turn(cell=cell, repetition=0, seed=1), Path())


@pytest.mark.parametrize("preset", PRESETS)
def test_both_are_sound_experiments_over_the_same_links(preset: str) -> None:
    continuum, cloud = (way.experiment for way in ways(preset, records=10, rate=5.0))
    for one in (continuum, cloud):
        assert [problem for problem in check.problems(one) if not problem.is_warning] == []
    assert (continuum.links, continuum.places, continuum.load) == (cloud.links, cloud.places, cloud.load)
    assert [link.preset for link in continuum.links] == [preset, "wan"]
    assert [tier.name for tier in cloud.tiers] == [continuum.tiers[-1].name]


def test_both_send_the_same_images_at_the_same_moments() -> None:
    one, other = (repetition(way.experiment) for way in ways("4g", records=30, rate=10.0))
    assert (one.due_s, one.images, one.sample) == (other.due_s, other.images, other.sample)


@pytest.mark.parametrize("rate", [0.1, 10.0, 100.0])
def test_so_many_are_counted_as_were_asked_for(rate: float) -> None:
    way, _ = ways("4g", records=30, rate=rate)
    counted = sum(moment >= WARM_UP_S for moment in repetition(way.experiment).due_s[0])
    assert counted - 30 in ((0,) if rate * WARM_UP_S == int(rate * WARM_UP_S) else (0, 1))


def test_links_that_are_not_there_are_told_with_those_that_are() -> None:
    with pytest.raises(SettingsError, match=r"no links 'isdn', only .*4g.*satellite"):
        ways("isdn", records=1, rate=1.0)
