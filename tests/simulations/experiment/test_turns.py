"""The order of the turns and their seeds."""

from simulations.experiment.turns import seed_of, turns
from tests.simulations.experiment.written import experiment

SWEPT = experiment(repetitions=2, sweep={"grid": {"load.clients": [1, 2]}})


def test_all_cells_take_their_turn_before_one_is_repeated_in_the_opposite_order() -> None:
    order = [(turn.cell.index, turn.repetition) for turn in turns(SWEPT)]
    assert order == [(0, 0), (1, 0), (1, 1), (0, 1)]


def test_each_turn_has_a_seed_of_its_own_whatever_the_order() -> None:
    seeds = {(turn.cell.index, turn.repetition): turn.seed for turn in turns(SWEPT)}
    assert len(set(seeds.values())) == 4
    assert seeds[1, 0] == seed_of(1, 1, 0)


def test_a_turn_says_what_it_is() -> None:
    named = experiment(sweep={"list": [{"name": "cloud only", "tiers": [{"name": "cloud"}], "load.clients": 8}]})
    assert str(turns(named)[0]) == "cell 0 (cloud only, load.clients=8), repetition 1"
