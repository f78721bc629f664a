"""Where a run stands, and that it stands there still after a night on the disk."""

import numpy as np
import pytest

from agent.training.fitting.scores import Score
from agent.training.fitting.standing import Standing
from shared.documents import decode, encode

EXITS, WEIGHTS = ("edge", "cloud"), np.array([1.0, 0.1], np.float32)


def ended(standing: Standing, edge: float, cloud: float) -> Standing:
    validation = {"edge": Score(loss=edge, accuracy=None), "cloud": Score(loss=cloud, accuracy=None)}
    return standing.after_step(np.array([edge, cloud]), 10).after_epoch(EXITS, validation, WEIGHTS)


def stored(standing: Standing) -> Standing:
    return decode(encode(standing), Standing)


def test_the_loss_of_an_epoch_is_the_mean_of_its_records_not_of_its_steps() -> None:
    standing = Standing().after_step(np.array([1.0, 2.0]), 30).after_step(np.array([5.0, 6.0]), 10)
    scores = standing.after_epoch(EXITS, {}, WEIGHTS).epochs[0]
    assert scores.training == {"edge": pytest.approx(2.0), "cloud": pytest.approx(3.0)}


def test_the_best_epoch_is_that_of_the_least_weighted_loss() -> None:
    standing = ended(ended(ended(Standing(), 2.0, 1.0), 1.0, 5.0), 1.5, 0.5)
    assert standing.best == 1
    assert not standing.is_best_now()


def test_which_epoch_is_best_does_not_depend_on_what_lay_on_the_disk() -> None:
    first = ended(Standing(), 1.0, 5.0)
    assert ended(stored(first), 1.5, 1.0) == ended(first, 1.5, 1.0)
    assert ended(stored(first), 1.5, 1.0).best == 0


def test_of_equal_epochs_the_first_is_best() -> None:
    assert ended(ended(Standing(), 1.0, 1.0), 1.0, 1.0).best == 0


def test_it_ends_after_its_epochs_or_its_patience() -> None:
    standing = ended(ended(ended(Standing(), 1.0, 1.0), 2.0, 2.0), 3.0, 3.0)
    assert standing.is_at_an_end(epochs=3, patience=None)
    assert not standing.is_at_an_end(epochs=4, patience=None)
    assert standing.is_at_an_end(epochs=4, patience=2)
    assert not standing.is_at_an_end(epochs=4, patience=3)


def test_without_validation_nothing_is_best_and_patience_never_ends() -> None:
    standing = Standing().after_step(np.array([1.0, 1.0]), 1).after_epoch(EXITS, {}, WEIGHTS)
    assert standing.best is None
    assert not standing.is_at_an_end(epochs=2, patience=1)


def test_every_bit_of_it_survives_the_disk() -> None:
    standing = ended(Standing(), 1 / 3, 0.1 + 0.2).after_step(np.array([np.pi, 1e-300]), 7)
    assert stored(standing) == standing
