"""One temperature an exit: never worse than none, the best there is, and no class changes by it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from agent.training.exiting.temperature import (
    GREATEST,
    LEAST,
    fitted_temperature,
    log_probabilities,
    negative_log_likelihood,
    probabilities_at,
)

Logits = NDArray[np.float32]
Labels = NDArray[np.int64]

temperatures = st.floats(LEAST, GREATEST)


@st.composite
def labelled(draw: st.DrawFn) -> tuple[Logits, Labels]:
    records, classes = draw(st.integers(1, 12)), draw(st.integers(2, 5))
    logits = draw(hnp.arrays(np.float32, (records, classes), elements=st.floats(-30, 30, width=32)))
    return logits, draw(hnp.arrays(np.int64, records, elements=st.integers(0, classes - 1)))


def drawn_at(temperature: float, records: int = 4000) -> tuple[Logits, Labels]:
    """Labels that fall as softmax(logits / temperature) says."""
    random = np.random.default_rng(3)
    logits = random.normal(scale=4, size=(records, 6)).astype(np.float32)
    noise = random.gumbel(size=logits.shape)
    return logits, (logits / temperature + noise).argmax(axis=1)


@given(labelled())
def test_a_fitted_temperature_is_never_worse_than_none(case: tuple[Logits, Labels]) -> None:
    assert negative_log_likelihood(*case, fitted_temperature(*case)) <= negative_log_likelihood(*case)


@given(labelled(), temperatures)
def test_no_other_temperature_is_better(case: tuple[Logits, Labels], other: float) -> None:
    assert negative_log_likelihood(*case, fitted_temperature(*case)) <= negative_log_likelihood(*case, other) + 1e-9


@given(labelled(), st.floats(0.05, 20), st.floats(0.05, 20), st.floats(0, 1))
def test_the_loss_is_convex_in_the_inverse(case: tuple[Logits, Labels], one: float, other: float, share: float) -> None:
    between = share * one + (1 - share) * other
    chord = share * negative_log_likelihood(*case, 1 / one) + (1 - share) * negative_log_likelihood(*case, 1 / other)
    assert negative_log_likelihood(*case, 1 / between) <= chord + 1e-6


@given(hnp.arrays(np.float32, (5, 4), elements=st.floats(-(2.0**100), 2.0**100, width=32)), temperatures)
def test_a_temperature_changes_no_class(logits: Logits, temperature: float) -> None:
    probabilities = probabilities_at(logits, temperature)
    rows = np.arange(len(logits))
    np.testing.assert_array_equal(probabilities[rows, logits.argmax(axis=1)], probabilities.max(axis=1))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@given(labelled(), st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(case: tuple[Logits, Labels], random: object) -> None:
    logits, labels = case
    order = list(range(len(labels)))
    random.shuffle(order)  # type: ignore[attr-defined]  # hypothesis types it as object
    loss = negative_log_likelihood(logits, labels, fitted_temperature(logits, labels))
    shuffled = negative_log_likelihood(logits, labels, fitted_temperature(logits[order], labels[order]))
    assert shuffled == pytest.approx(loss, abs=1e-9)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5, 7.0])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    assert fitted_temperature(*drawn_at(temperature)) == pytest.approx(temperature, rel=0.06)


def test_probabilities_serve_as_logits() -> None:
    logits, labels = drawn_at(2.5, records=500)
    known = log_probabilities(probabilities_at(logits, 1.0))
    assert fitted_temperature(known, labels) == pytest.approx(fitted_temperature(logits, labels), rel=1e-3)
    np.testing.assert_allclose(probabilities_at(known, 2.5), probabilities_at(logits, 2.5), atol=1e-5)


def test_a_probability_of_zero_counts_as_the_least() -> None:
    quantised = np.array([[0, 255]], np.float32) / 255
    assert np.exp(log_probabilities(quantised, least=0.5 / 255)[0, 0]) == pytest.approx(0.5 / 255)
    assert np.isfinite(log_probabilities(quantised)).all()


def test_labels_that_are_always_the_likeliest_end_at_the_bound() -> None:
    assert fitted_temperature(np.array([[1.0, 0], [0, 1]]), np.array([0, 1])) == pytest.approx(LEAST)
    assert fitted_temperature(np.array([[1.0, 0], [0, 1]]), np.array([1, 0])) == pytest.approx(GREATEST)


def test_an_exit_that_says_nothing_keeps_its_temperature() -> None:
    assert fitted_temperature(np.zeros((3, 4)), np.array([0, 1, 2])) == 1


@pytest.mark.parametrize(
    ("logits", "labels"),
    [
        (np.zeros((0, 3)), np.zeros(0, np.int64)),
        (np.zeros((2, 3)), np.zeros(3, np.int64)),
        (np.zeros(3), np.zeros(3, np.int64)),
        (np.array([[0, -np.inf]]), np.array([0])),
        (np.zeros((1, 3)), np.array([3])),
        (np.zeros((1, 3)), np.array([-1])),
    ],
)
def test_what_cannot_be_fitted_is_refused(logits: Logits, labels: Labels) -> None:
    with pytest.raises(ValueError, match=r"logit|label"):
        fitted_temperature(logits, labels)
