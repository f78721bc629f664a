"""Sites that train, with a learner of numpy alone in place of a framework's."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.federation.aggregation.strategies import strategy
from agent.federation.aggregation.strategy import Strategy
from agent.federation.weights import Weights
from agent.training.fitting.learner import Arrays
from agent.training.fitting.pull import Pull
from shared.documents.federation import Rounds, Stop
from simulations.federation.sites import TrainingSite, judge
from simulations.federation.splits import few_classes
from simulations.federation.virtual import VirtualFederation
from tests.agent.federation.aggregation.drawn import same_bytes

RECORDS, FEATURES, CLASSES, SITES, RATE = 600, 4, 3, 6, 0.2
SHAPE = {"kernel": (FEATURES, CLASSES)}
_random = np.random.default_rng(1)
TRUTH = _random.integers(0, CLASSES, RECORDS)
INPUTS = (_random.normal(size=(RECORDS, FEATURES)) + 2 * np.eye(CLASSES, FEATURES)[TRUTH]).astype(np.float32)
MODEL: Weights = {"kernel": np.zeros(SHAPE["kernel"], np.float32)}


class Softmax:
    """A regression by plain steps down the gradient; `seen` is a weight that no federation shares."""

    def __init__(self, pull: Pull | None) -> None:
        self._kernel = np.zeros(SHAPE["kernel"], np.float32)
        self._pull, self._seen = pull, np.zeros((), np.int64)

    @property
    def exits(self) -> tuple[str, ...]:
        return ("cloud",)

    def learn(
        self, inputs: NDArray[Any], truth: NDArray[Any], importance: NDArray[np.float32]
    ) -> NDArray[np.floating[Any]]:
        wrong = self.answers(inputs)["cloud"] - np.eye(CLASSES)[truth]
        gradient = inputs.T @ (wrong * importance[:, None]) / len(truth)
        if self._pull is not None:
            for start in self._pull.starts(SHAPE).values():
                gradient += self._pull.proximal * (self._kernel - start)
            for push in self._pull.pushes(SHAPE).values():
                gradient += push
        self._kernel = (self._kernel - RATE * gradient).astype(np.float32)
        return np.zeros(1)

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        powers = np.exp(inputs @ self._kernel)
        return {"cloud": powers / powers.sum(axis=1, keepdims=True)}

    def weights(self) -> Arrays:
        return {"kernel": self._kernel, "seen": self._seen}

    def restore_weights(self, weights: Mapping[str, NDArray[Any]]) -> None:
        assert set(weights) == {"kernel", "seen"}
        self._kernel = weights["kernel"]

    def variables(self) -> Arrays:
        return self.weights()

    def restore(self, variables: Mapping[str, NDArray[Any]]) -> None:
        self.restore_weights(variables)


def sites(by: Strategy, *, epochs: int = 2, classes: int = CLASSES) -> list[TrainingSite]:
    return [
        TrainingSite(
            name=f"site-{number}",
            inputs=INPUTS[rows],
            truth=TRUTH[rows],
            make=lambda pull, steps: Softmax(pull),
            epochs=epochs,
            batch=10,
            rate=RATE,
            local=by.local,
            seed=number,
            seconds=lambda update, number=number: 1.0 + number / 10,  # type: ignore[misc]  # bound by its default
        )
        for number, rows in enumerate(few_classes(TRUTH, SITES, classes=classes, seed=1))
    ]


def federated(by: Strategy, some: Sequence[TrainingSite], *, rounds: int, updates: int) -> VirtualFederation:
    federation = VirtualFederation(
        strategy=by,
        rounds=Rounds(updates=updates),
        stop=Stop(rounds=rounds),
        sites=some,
        model=MODEL,
        judge=judge(Softmax(None), INPUTS, TRUTH),
    )
    federation.run()
    return federation


def test_what_a_site_sends_is_what_it_learnt_of_the_model_it_was_given() -> None:
    by = strategy("fedavg", {})
    one, again = sites(by)[0], sites(by)[0]
    learnt = one.learn(MODEL, {}, 1)
    assert (learnt.records, learnt.steps) == (len(one.truth), 2 * -(-len(one.truth) // 10))
    assert same_bytes(learnt.change, again.learn(MODEL, {}, 1).change)
    assert not same_bytes(learnt.change, one.learn(MODEL, {}, 2).change)
    assert list(learnt.change) == ["kernel"]


@pytest.mark.parametrize(
    ("name", "parameters", "updates"),
    [
        ("fedavg", {}, SITES),
        ("fedprox", {"proximal": 0.1}, SITES),
        ("fedadam", {"learning_rate": 0.3}, SITES),
        ("scaffold", {"participants": SITES}, SITES),
        ("fednova", {}, SITES),
        ("fedasync", {"mixing": 0.5}, 1),
        ("fedbuff", {}, 3),
        ("trimmed-mean", {"trimmed": 0.2}, SITES),
    ],
)
def test_together_they_learn_what_none_of_them_could(name: str, parameters: dict[str, Any], updates: int) -> None:
    """No site has seen more than one of the three classes."""
    by = strategy(name, parameters)
    federation = federated(by, sites(by, classes=1), rounds=20 * SITES // updates, updates=updates)
    assert max(one["cloud/accuracy"] for one in federation.replica.standing.history) > 0.85


def test_control_variates_take_unlike_sites_nearer_to_what_they_would_learn_as_one() -> None:
    """Where each goes far between two rounds, the mean of where they arrive is not where all of them would."""
    losses = {}
    for name, parameters in (("fedavg", {}), ("scaffold", {"participants": SITES})):
        by = strategy(name, parameters)
        federation = federated(by, sites(by, epochs=10, classes=1), rounds=30, updates=SITES)
        losses[name] = federation.replica.standing.history[-1]["cloud/loss"]
    assert losses["scaffold"] < losses["fedavg"]


def test_the_servers_control_is_the_mean_of_the_sites() -> None:
    by = strategy("scaffold", {"participants": SITES})
    some = sites(by)
    federation = federated(by, some, rounds=3, updates=SITES)
    handed = by.handed_down(federation.replica.state)["control:kernel"]
    # Each has begun its fourth update, and has not learnt anything in it yet.
    assert np.allclose(handed, np.mean([one._control["kernel"] for one in some], axis=0), atol=1e-5)


def test_a_judge_counts_right_answers_and_their_log_loss() -> None:
    found = judge(Softmax(None), INPUTS, TRUTH)(MODEL)
    assert found["cloud/loss"] == pytest.approx(np.log(CLASSES))
    assert found["cloud/accuracy"] == pytest.approx((TRUTH == 0).mean())
