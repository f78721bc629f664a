"""What an update counts is bounded, and noise that a site added is left in it."""

import numpy as np
import pytest

from agent.federation.aggregation.strategies import strategy
from agent.federation.coordinator.contribution import Reader
from agent.federation.encoding.update import packed
from agent.federation.privacy.mechanism import clipped, noised
from agent.federation.weights import Weights, norm
from shared.documents.federation import Federation, NoiseAt, Privacy

MODEL: Weights = {"kernel": np.zeros((30, 40), np.float32)}
CHANGE: Weights = {"kernel": np.ones((30, 40), np.float32)}


def read(privacy: Privacy, change: Weights) -> Weights:
    document = Federation(name="f", network="n", cluster="platform", privacy=privacy)
    return Reader.of(document, strategy("fedavg", {})).read(packed(change, {}), MODEL)[0]


def test_a_change_that_its_site_did_not_clip_is_clipped() -> None:
    assert norm(read(Privacy(norm=2.0, noise=1.0), CHANGE)) == pytest.approx(2.0, rel=1e-5)


def test_noise_that_its_site_added_stays_and_nothing_longer() -> None:
    privacy = Privacy(norm=2.0, noise=1.0, at=NoiseAt.SITE)
    honest = noised(clipped(CHANGE, 2.0), 2.0, seed=bytes(range(16)))
    assert (read(privacy, honest)["kernel"] == honest["kernel"]).all()
    assert norm(read(privacy, {"kernel": 100 * honest["kernel"]})) < 1.3 * norm(honest)
