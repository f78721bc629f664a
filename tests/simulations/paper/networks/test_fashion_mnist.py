"""The example network with its upper tiers joined answers as it does uncut and in three."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.backends.litert import LiteRTBackend
from examples import fashion_mnist, manifests
from simulations.paper import networks

EXAMPLE = Path(str(fashion_mnist.__file__)).parent
JOINED = Path(networks.__file__).parent / "fashion_mnist"
IMAGES = 100


@cache
def last_exit(folder: Path) -> NDArray[np.float32]:
    """Probabilities for the first images of the example's sample; no exit below answers, and nothing is encoded."""
    with np.load(EXAMPLE / "sample.npz", allow_pickle=False) as sample:
        tensor = sample["images"][:IMAGES]
    for sub_model in manifests.read(folder).sub_models:
        outputs = LiteRTBackend().load(folder / sub_model.artifacts[0].file, sub_model, threads=1).infer(tensor)
        tensor = outputs.exit if outputs.features is None else outputs.features
    return np.asarray(tensor, np.float32)


@pytest.mark.parametrize("scenario", ["edge-cloud", "cloud"])
def test_joined_sub_models_answer_as_the_chain(scenario: str) -> None:
    np.testing.assert_allclose(last_exit(JOINED / scenario), last_exit(EXAMPLE), atol=1e-5)


def test_the_edge_is_the_example_s_own() -> None:
    ours, theirs = (manifests.read(folder).sub_models[0] for folder in (JOINED / "edge-cloud", EXAMPLE))
    assert ours.artifacts[0].sha256 == theirs.artifacts[0].sha256
