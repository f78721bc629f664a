from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.evaluation import THRESHOLDS, Evaluation, Outcome, choose, evaluate, leaves_at
from shared.documents.model import Artifact, ArtifactFormat, ModelManifest, SubModel
from shared.documents.types import DType, TensorSpec

CLASSES = 3
EXIT = TensorSpec(dtype=DType.FLOAT32, shape=(CLASSES,))
FEATURES = TensorSpec(dtype=DType.FLOAT32, shape=(2, 5))
FILE = Artifact(sha256="0" * 64, size_bytes=1, format=ArtifactFormat.TFLITE)
MANIFEST = ModelManifest(
    name="two",
    sub_models=(
        SubModel(tier="edge", input=EXIT, features=FEATURES, exit=EXIT, artifacts=(FILE,)),
        SubModel(tier="cloud", input=FEATURES, exit=EXIT, artifacts=(FILE,)),
    ),
)

EDGE = np.array([[0.9, 0.1, 0.0], [0.9, 0.1, 0.0], [0.4, 0.3, 0.3], [0.2, 0.6, 0.2]], np.float32)
CLOUD = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 1.0]], np.float32)
LABELS = np.array([0, 1, 2, 2])


def outcome(threshold: float, accuracy: float) -> Outcome:
    return Outcome(threshold=threshold, answered={}, accuracy=accuracy, harmed=0.0, uplink_bytes={})


def test_each_exit_is_judged_on_all_records() -> None:
    assert evaluate({"edge": EDGE, "cloud": CLOUD}, LABELS, MANIFEST).exits == {"edge": 0.25, "cloud": 1.0}


def test_a_sure_and_wrong_early_exit_harms() -> None:
    at_080 = evaluate({"edge": EDGE, "cloud": CLOUD}, LABELS, MANIFEST).at(0.8)
    assert at_080.answered == {"edge": 0.5, "cloud": 0.5}
    assert (at_080.accuracy, at_080.harmed) == (0.75, 0.25)


def test_the_uplink_carries_one_byte_an_element_of_what_is_forwarded() -> None:
    assert evaluate({"edge": EDGE, "cloud": CLOUD}, LABELS, MANIFEST).at(0.8).uplink_bytes == {"edge": 5.0}


@given(st.integers(0, 2**32 - 1))
def test_raising_the_threshold_never_lets_a_record_leave_earlier(seed: int) -> None:
    exits: npt.NDArray[np.float32] = np.random.default_rng(seed).dirichlet([0.3] * CLASSES, (3, 20)).astype(np.float32)
    left_at = [leaves_at(exits, threshold=threshold) for threshold in THRESHOLDS]
    assert all((lower <= higher).all() for lower, higher in pairwise(left_at))


@pytest.mark.parametrize(
    ("accuracies", "chosen"), [((0.89, 0.897, 0.90), 0.6), ((0.80, 0.80, 0.80), 0.95), ((0.91, 0.90, 0.90), 0.5)]
)
def test_the_lowest_threshold_that_costs_little_is_chosen(accuracies: tuple[float, ...], chosen: float) -> None:
    outcomes = tuple(
        outcome(threshold, accuracy) for threshold, accuracy in zip((0.5, 0.6, 0.7), accuracies, strict=True)
    )
    assert choose(Evaluation(records=1, exits={"edge": 0.8, "cloud": 0.9}, outcomes=outcomes)) == chosen
