"""The promise itself: kept by Learn then Test in the trials it says, broken by the rule that trusts what it found."""

import math
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.exiting.binomial import binomial_cdf
from agent.training.exiting.outcomes import NEVER, Outcomes, exits_taken, harmed, shares
from agent.training.exiting.path import Path, falling_path
from agent.training.exiting.risk import choose
from shared.documents import decode, encode
from shared.errors import SettingsError
from tests.agent.training.exiting.drawn import outcomes, population

RISK, CONFIDENCE, TRIALS = 0.02, 0.9, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """The true harm and the share leaving early of what each rule chose."""

    promised: tuple[float, float]
    naive: tuple[float, float]


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    """Each draws its own records with replacement and orders its own path: the population is the whole truth."""
    everybody = population(50_000, 0)
    random = np.random.default_rng(1)
    return [tried(everybody, everybody.at(random.integers(0, len(everybody), 2500))) for _ in range(TRIALS)]


def tried(everybody: Outcomes, drawn: Outcomes) -> Trial:
    path, test = falling_path(drawn.at(np.arange(500)), steps=100), drawn.at(np.arange(500, 2500))
    step = choose(path, test, risk=RISK, confidence=CONFIDENCE).step
    return Trial(promised=truth(everybody, path, step), naive=truth(everybody, path, naive_step(path, test)))


def naive_step(path: Path, test: Outcomes) -> int:
    """Down the path while the harm found is within the budget."""
    harms = [harmed(test, exits_taken(test, row)).mean() for row in path]
    return next((step for step, harm in enumerate(harms) if harm > RISK), len(path)) - 1


def truth(everybody: Outcomes, path: Path, step: int) -> tuple[float, float]:
    taken = exits_taken(everybody, path[step])
    return float(harmed(everybody, taken).mean()), 1 - shares(everybody, taken)[-1]


def broken(harms: list[float]) -> float:
    return sum(harm > RISK for harm in harms) / len(harms)


def test_the_promise_is_broken_no_more_often_than_it_says(trials: list[Trial]) -> None:
    chance = 1 - CONFIDENCE
    assert broken([trial.promised[0] for trial in trials]) <= chance + 2 * math.sqrt(chance * CONFIDENCE / TRIALS)


def test_the_naive_rule_breaks_it_far_more_often(trials: list[Trial]) -> None:
    assert broken([trial.naive[0] for trial in trials]) > 0.3


def test_the_promise_costs_few_early_answers(trials: list[Trial]) -> None:
    promised, naive = (np.mean([rule[1] for rule in rules]) for rules in zip(*map(rules_of, trials), strict=True))
    assert 0.3 < promised < naive < promised + 0.07


def rules_of(trial: Trial) -> tuple[tuple[float, float], tuple[float, float]]:
    return trial.promised, trial.naive


@given(outcomes(), outcomes(60), st.floats(0.02, 0.9), st.floats(0.1, 0.9))
def test_what_is_chosen_passed_and_so_did_all_before_it(
    known: Outcomes, test: Outcomes, risk: float, confidence: float
) -> None:
    if known.early != test.early:
        return
    path = falling_path(known, steps=30)
    try:
        choice = choose(path, test, risk=risk, confidence=confidence)
    except SettingsError:
        assert (1 - risk) ** len(test) > (1 - confidence) * (1 - 1e-9)
        return
    chances = [binomial_cdf(int(harmed(test, exits_taken(test, row)).sum()), len(test), risk) for row in path]
    assert all(chance <= 1 - confidence for chance in chances[: choice.step + 1])
    assert choice.step + 1 == len(path) or chances[choice.step + 1] > 1 - confidence
    assert choice.upper_bound <= risk * (1 + 1e-9)
    assert sum(choice.shares) == pytest.approx(1)


@given(st.integers(0, 2**32 - 1))
def test_the_order_of_the_records_does_not_change_the_choice(seed: int) -> None:
    test, path = population(600, 4), falling_path(population(300, 5), steps=20)
    order = np.random.default_rng(seed).permutation(600)
    assert choose(path, test.at(order), risk=0.05, confidence=0.9) == choose(path, test, risk=0.05, confidence=0.9)


def test_harm_is_counted_over_all_exits_together() -> None:
    """Two exits that harm 1.5 % each would each pass alone at 2 %; together they must not."""
    records = 20_000
    sure = np.zeros((2, records), np.float32)
    sure[0, :300] = sure[1, 300:600] = 1
    right = np.vstack([np.zeros((2, records), np.bool_), np.ones((1, records), np.bool_)])
    path = np.array([[NEVER, NEVER], [1, NEVER], [1, 1]], np.float32)
    choice = choose(path, Outcomes(sure=sure, right=right), risk=0.02, confidence=0.9)
    assert choice.thresholds == (1.0, None)
    assert choice.harmed == 300


def test_a_first_step_that_fails_leaves_never_and_says_so() -> None:
    right = np.array([[False] * 400, [True] * 400])
    test = Outcomes(sure=np.ones((1, 400), np.float32), right=right)
    choice = choose(falling_path(test), test, risk=0.01, confidence=0.9)
    assert choice.is_never
    assert choice.thresholds == (None,)
    assert choice.shares == (0, 1)
    assert choice.harmed == 0
    assert "no exit may answer" in choice.sentence


def test_a_network_whose_first_exit_is_always_right_leaves_at_once() -> None:
    test = Outcomes(sure=np.linspace(0, 1, 400, dtype=np.float32)[None], right=np.ones((2, 400), np.bool_))
    choice = choose(falling_path(test), test, risk=0.01, confidence=0.9)
    assert choice.thresholds == (0.0,)
    assert choice.sentence.startswith("100.0% leave early; at confidence 0.9 at most 0.01 of all records")


def test_a_choice_travels_as_json() -> None:
    choice = choose(falling_path(population(300, 5), steps=20), population(600, 4), risk=0.05, confidence=0.9)
    assert decode(encode(choice), type(choice)) == choice
    assert decode(encode(choice), type(choice)).thresholds == choice.thresholds


def test_too_few_records_are_refused_with_the_least_that_would_do() -> None:
    path = falling_path(population(300, 5), steps=20)
    with pytest.raises(SettingsError, match=r"229 records .* takes 230; give more"):
        choose(path, population(229, 6), risk=0.01, confidence=0.9)
    assert choose(path, population(230, 6), risk=0.01, confidence=0.9).records == 230


@pytest.mark.parametrize(("risk", "confidence"), [(0, 0.9), (1, 0.9), (0.1, 0), (0.1, 1), (math.nan, 0.9)])
def test_a_risk_or_confidence_that_means_nothing_is_refused(risk: float, confidence: float) -> None:
    with pytest.raises(SettingsError, match="is not between 0 and 1"):
        choose(falling_path(population(30, 5)), population(600, 4), risk=risk, confidence=confidence)
