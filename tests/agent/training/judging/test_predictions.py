"""What is no distribution over classes, or no class, is refused with the number of its row."""

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.training.judging.predictions import predictions
from shared.errors import DocumentError


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ([np.nan, 1], "holds NaN or an infinity"),
        ([np.inf, 0], "holds NaN or an infinity"),
        ([0.5, 0.502], "the sum is 1.002, not 1"),
        ([0.2, 0.2], "the sum is 0.4, not 1"),
        ([1.5, -0.5], "a probability is not between 0 and 1"),
    ],
)
def test_a_row_that_is_no_distribution_is_named(row: list[float], reason: str) -> None:
    given = np.array([[0.5, 0.5], row, [0.5, 0.5]], np.float32)
    with pytest.raises(DocumentError, match=reason) as caught:
        predictions(given, np.zeros(3, np.int64), first=100)
    assert caught.value.field == "probabilities[101]"


@pytest.mark.parametrize("label", [-1, 2])
def test_a_label_that_is_no_class_is_named(label: int) -> None:
    with pytest.raises(DocumentError, match="those are 0 to 1") as caught:
        predictions(np.full((2, 2), 0.5), np.array([0, label]), first=7)
    assert caught.value.field == "labels[8]"


@pytest.mark.parametrize(
    ("probabilities", "labels", "field"),
    [
        (np.ones((2, 1)), np.zeros(2, np.int64), "probabilities"),
        (np.full(2, 0.5), np.zeros(2, np.int64), "probabilities"),
        (np.full((2, 2), "a"), np.zeros(2, np.int64), "probabilities"),
        (np.full((2, 2), 0.5), np.zeros(2), "labels"),
        (np.full((2, 2), 0.5), np.zeros((2, 2), np.int64), "labels"),
        (np.full((2, 2), 0.5), np.zeros(3, np.int64), "labels"),
    ],
)
def test_other_shapes_and_types_are_refused(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], field: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        predictions(probabilities, labels)
    assert caught.value.field == field


def test_quantised_probabilities_pass_with_a_wider_tolerance() -> None:
    given = np.full((1, 10), 26 / 256, np.float32)
    with pytest.raises(DocumentError, match="the sum"):
        predictions(given, np.zeros(1, np.int64))
    assert predictions(given, np.zeros(1, np.int64), tolerance=10 / 512).right.tolist() == [True]


def test_of_equal_probabilities_the_first_is_predicted() -> None:
    assert predictions(np.full((1, 4), 0.25), np.array([3])).predicted.tolist() == [0]
