"""The exits answer what the image says, wherever the network is cut: in the agents' own backend and codec."""

from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.backends.litert import LiteRTBackend
from agent.backends.protocol import LoadedSubModel, Outputs
from agent.inference import exits
from examples import manifests
from shared.documents import ExitPolicy, FeaturesEncoding, ModelManifest
from shared.record.tensor import decode_batch, encode_batch
from simulations.paper import networks

FOLDER = Path(networks.__file__).parent / "branchynet"
SCENARIOS = ("edge-fog-cloud", "edge-cloud", "cloud")
POLICY = ExitPolicy(threshold=0.8)

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS)
each_encoding = pytest.mark.parametrize("encoding", [FeaturesEncoding.U8, FeaturesEncoding.RAW, FeaturesEncoding.F16])


@cache
def sample() -> dict[str, NDArray[np.uint8]]:
    with np.load(FOLDER / "sample.npz", allow_pickle=False) as file:
        return dict(file)


@cache
def manifest(scenario: str) -> ModelManifest:
    return manifests.read(FOLDER / scenario)


@cache
def loaded(scenario: str) -> tuple[LoadedSubModel, ...]:
    found = ((one, one.artifacts[0].file) for one in manifest(scenario).sub_models)
    return tuple(LiteRTBackend().load(FOLDER / scenario / file, one, threads=1) for one, file in found)


@cache
def outputs(scenario: str, encoding: FeaturesEncoding) -> tuple[Outputs, ...]:
    """Of every tier, as if no exit answered."""
    batch, found = sample()["images"], []
    for one, sub_model in zip(loaded(scenario), manifest(scenario).sub_models, strict=True):
        found.append(one.infer(batch))
        if sub_model.features is not None and found[-1].features is not None:
            batch = decode_batch(*encode_batch(found[-1].features, encoding), sub_model.features).batch
    return tuple(found)


def last_exit(scenario: str, encoding: FeaturesEncoding) -> NDArray[np.float32]:
    answers = outputs(scenario, encoding)[-1].exit
    assert answers is not None
    return answers


def answered_at(scenario: str, encoding: FeaturesEncoding) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The tier, counted from the first, that answers each image, and the class it answers."""
    count = len(sample()["images"])
    tiers, classes = np.full(count, -1), np.full(count, -1)
    every = outputs(scenario, encoding)
    for tier, one in enumerate(every):
        assert one.exit is not None
        decision = exits.decide(one.exit, POLICY, is_last=one is every[-1])
        assert decision.classes is not None
        new = [row for row in decision.answered if tiers[row] == -1]
        tiers[new], classes[new] = tier, np.array(decision.classes)[new]
    return tiers, classes


@each_scenario
@each_encoding
def test_an_image_leaves_where_it_says(scenario: str, encoding: FeaturesEncoding) -> None:
    tiers, _ = answered_at(scenario, encoding)
    last = len(manifest(scenario).sub_models) - 1
    np.testing.assert_array_equal(tiers, np.minimum(sample()["leaves"], last))


@each_scenario
@each_encoding
def test_every_answer_is_the_class_of_the_image(scenario: str, encoding: FeaturesEncoding) -> None:
    np.testing.assert_array_equal(answered_at(scenario, encoding)[1], sample()["labels"])


@each_scenario
@each_encoding
def test_exits_are_far_from_any_threshold_one_would_set(scenario: str, encoding: FeaturesEncoding) -> None:
    leaves, every = sample()["leaves"], outputs(scenario, encoding)
    for tier, one in enumerate(every):
        assert one.exit is not None
        wanted = np.where((tier < leaves) & (one is not every[-1]), 0.30, 0.95)
        np.testing.assert_allclose(one.exit.max(axis=1), wanted, atol=0.03)


@pytest.mark.parametrize("scenario", SCENARIOS[:-1])
def test_cuts_change_no_answer(scenario: str) -> None:
    whole = last_exit("cloud", FeaturesEncoding.RAW)
    np.testing.assert_allclose(last_exit(scenario, FeaturesEncoding.RAW), whole, atol=1e-5)
    np.testing.assert_allclose(last_exit(scenario, FeaturesEncoding.U8), whole, atol=1e-3)


@each_scenario
def test_what_is_not_the_plan_is_heard_in_every_answer(scenario: str) -> None:
    """Images of one plan get other probabilities: only the convolutions see where they differ."""
    leaves, labels = sample()["leaves"], sample()["labels"]
    alike = np.flatnonzero((leaves == leaves[0]) & (labels == labels[0]))
    for one in outputs(scenario, FeaturesEncoding.U8):
        assert one.exit is not None
        assert one.exit[alike].std(axis=0).min() > 1e-5


def test_the_sample_has_as_many_of_each_kind_and_class() -> None:
    assert {name: (one.shape, str(one.dtype)) for name, one in sample().items()} == {
        "images": ((300, 32, 32, 3), "uint8"),
        "labels": ((300,), "uint8"),
        "leaves": ((300,), "uint8"),
    }
    pairs, counts = np.unique(np.stack([sample()["leaves"], sample()["labels"]]), axis=1, return_counts=True)
    assert (pairs.shape, set(counts.tolist())) == ((2, 30), {10})
    assert len(np.unique(sample()["images"], axis=0)) == 300


@each_scenario
def test_features_are_no_larger_than_the_image_and_shrink_upwards(scenario: str) -> None:
    """In bytes of the default encoding, one an element."""
    sub_models = manifest(scenario).sub_models
    sizes = [one.input.elements for one in sub_models]
    assert sizes[0] == 3072
    assert all(upper < lower for lower, upper in pairwise(sizes))
