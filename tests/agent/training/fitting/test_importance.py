"""How a network is to be trained: what is left out, and what is refused."""

import numpy as np
import pytest

from agent.training.fitting.importance import class_importance, exit_importance
from shared.documents import Optimiser, TrainingParameters, decode, encode
from shared.errors import DocumentError


@pytest.mark.parametrize(("exits", "weights"), [(1, [1.0]), (2, [1.0, 0.3]), (3, [1.0, 0.65, 0.3])])
def test_lower_exits_weigh_more_unless_told(exits: int, weights: list[float]) -> None:
    assert exit_importance(TrainingParameters(), exits) == pytest.approx(weights)


def test_weights_are_taken_as_given() -> None:
    assert exit_importance(TrainingParameters(exit_weights=(0.5, 2.0)), 2).tolist() == [0.5, 2.0]


def test_weights_of_another_number_of_exits_are_refused() -> None:
    with pytest.raises(DocumentError, match="2 weights where the network has 3 exits"):
        exit_importance(TrainingParameters(exit_weights=(0.5, 2.0)), 3)
    with pytest.raises(DocumentError, match="at least one"):
        exit_importance(TrainingParameters(exit_weights=(0.0, 0.0)), 2)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (b'{"epochs": 0}', "epochs"),
        (b'{"optimiser": {"name": "lion"}}', "optimiser.name"),
        (b'{"optimiser": {"learning_rate": 0}}', "optimiser.learning_rate"),
        (b'{"exit_weights": [-1]}', "exit_weights"),
        (b'{"seed": -1}', "seed"),
        (b'{"patience": 3}', ""),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(document: bytes, field: str) -> None:
    with pytest.raises(DocumentError) as caught:
        decode(document, TrainingParameters)
    assert caught.value.field.startswith(field)


def test_parameters_survive_their_way_as_json() -> None:
    given = TrainingParameters(epochs=3, optimiser=Optimiser(learning_rate=1 / 3), exit_weights=(1.0, 0.1))
    assert decode(encode(given), TrainingParameters) == given


def test_every_class_that_is_there_counts_the_same_and_a_record_one_on_average() -> None:
    counts = np.array([60, 30, 0, 10])
    importance = class_importance(counts).astype(np.float64)
    assert (counts * importance)[[0, 1, 3]] == pytest.approx([100 / 3] * 3)
    assert importance[2] == 0
    assert (counts * importance).sum() / counts.sum() == pytest.approx(1)


def test_of_no_records_no_class_counts() -> None:
    assert class_importance(np.zeros(3, np.int64)).tolist() == [0, 0, 0]
