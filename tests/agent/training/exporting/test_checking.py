"""Artifacts held against their network, with both of them three lines of numpy."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.backends.protocol import Outputs
from agent.training.exporting.chain import Chain
from agent.training.exporting.checking import differences
from agent.training.exporting.part import Part
from agent.training.fitting.learner import Arrays
from shared.documents import DType, ExportForm, FeaturesEncoding, SubModel, TensorSpec, TierCut
from shared.errors import ModelError

NUMBERS = TensorSpec(dtype=DType.FLOAT32, shape=(2,))
EDGE = SubModel(tier="edge", input=NUMBERS, features=NUMBERS, exit=NUMBERS, artifacts=())
CLOUD = SubModel(tier="cloud", input=NUMBERS, exit=NUMBERS, artifacts=())
TIERS = (TierCut(tier="edge", cut="low", exit="first"), TierCut(tier="cloud", exit="last"))
RECORDS = np.random.default_rng(1).normal(size=(7, 2)).astype(np.float32)


class Doubling:
    """Answers what it is given, and sends up twice that; `off` is added to the answer."""

    def __init__(self, off: float = 0.0, factor: float = 2.0) -> None:
        self.tensors = {"input": NUMBERS, "exit": NUMBERS, "features": NUMBERS}
        self._off, self._factor = np.float32(off), np.float32(factor)

    def infer(self, batch: NDArray[Any]) -> Outputs:
        return Outputs(exit=batch + self._off, features=batch * self._factor)

    def close(self) -> None:
        pass


class Network:
    forms = (ExportForm(),)

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        return {"first": inputs, "last": 2 * inputs}

    def severed(self, tiers: Sequence[TierCut]) -> tuple[Part, ...]:
        raise NotImplementedError


def chain(edge: Doubling, cloud: Doubling, encoding: FeaturesEncoding | None = None) -> Chain:
    return Chain(tiers=((EDGE, edge), (CLOUD, cloud)), encoding=encoding)


def test_a_faithful_chain_differs_nowhere_and_another_by_what_it_is_off() -> None:
    assert differences(chain(Doubling(), Doubling()), Network(), TIERS, RECORDS, batch=3) == {"edge": 0, "cloud": 0}
    found = differences(chain(Doubling(), Doubling(off=0.5)), Network(), TIERS, RECORDS, batch=3)
    assert found == {"edge": 0, "cloud": pytest.approx(0.5, abs=1e-6)}


@pytest.mark.parametrize("batch", [1, 3, 7, 100])
def test_no_batch_hides_that_an_earlier_one_was_no_number(batch: int) -> None:
    records = RECORDS.copy()
    records[0, 0] = math.nan
    found = differences(chain(Doubling(), Doubling()), Network(), TIERS, records, batch=batch)
    assert math.isnan(found["edge"])
    assert math.isnan(found["cloud"])


def test_between_tiers_features_are_rounded_as_a_deployment_rounds_them() -> None:
    sent = chain(Doubling(), Doubling(), FeaturesEncoding.U8).answers(RECORDS)
    width = np.ptp(2 * RECORDS, axis=1, keepdims=True)
    assert (np.abs(sent["cloud"] - 2 * RECORDS) <= width / 510 + 1e-6).all()
    assert (sent["edge"] == RECORDS).all()


def test_features_that_no_upper_tier_would_accept_are_an_error_with_the_tier() -> None:
    with pytest.raises(ModelError, match=r"tier 'edge': of 7 records no features arrive: .*NaN"):
        chain(Doubling(factor=math.inf), Doubling(), FeaturesEncoding.U8).answers(RECORDS)
