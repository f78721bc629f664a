"""What a trainer can do beyond all exits together in float32, each by the process that it is."""

import signal
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from agent.training import task
from agent.training.judging.judgements import Judgements
from agent.training.reading.shelf_writer import ShelfWriter
from agent.training.task import PullTask, TrainingTask
from shared.documents import (
    Approach,
    Arithmetic,
    DType,
    Optimiser,
    PseudoLabels,
    Schedule,
    Task,
    TensorSpec,
    TrainingParameters,
    decode,
    encode,
)
from tests.agent.training.runs import FEATURES, NETWORK, RECORDS, finished, interrupted, prepare

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PARAMETERS = TrainingParameters(
    epochs=3,
    batch=64,
    optimiser=Optimiser(learning_rate=0.02, schedule=Schedule.COSINE),
    seed=11,
    checkpoint_every_s=0.05,
)
# With statistics of batches below the first exit as well.
NORMED = NETWORK.replace(
    "    edge =", '    low = layers.BatchNormalization(momentum=0.7, name="norm")(low)\n    edge =', 1
)
AUGMENTED = (
    NORMED
    + """

def augment(inputs, rng):
    return (inputs + rng.integers(0, 3, inputs.shape)).astype(inputs.dtype)
"""
)


def changed(folder: Path, **fields: Any) -> None:  # noqa: ANN401 - whatever a task may hold
    given = task.read(folder)
    (folder / "task.json").write_bytes(encode(msgspec.structs.replace(given, **fields)))


def shelve_unlabelled(folder: Path) -> None:
    inputs = np.random.default_rng(4).integers(60, 200, (100, FEATURES)).astype(np.uint8)
    spec, scalar = TensorSpec(dtype=DType.UINT8, shape=(FEATURES,)), TensorSpec(dtype=DType.UINT8, shape=())
    with ShelfWriter.open(folder, inputs=spec, labels=scalar) as writer:
        writer.append(("unlabelled", 0), inputs, np.zeros(100, np.uint8), position=100)


def weights(folder: Path) -> dict[str, Any]:
    with np.load(folder / "weights.npz", allow_pickle=False) as found:
        return dict(found)


def trained(folder: Path) -> list[dict[str, Any]]:
    code, said, errors = finished(folder)
    assert code == 0, errors
    return said


def test_tiers_learn_one_after_the_other_with_augmentation_however_often_it_is_killed(tmp_path: Path) -> None:
    parameters = msgspec.structs.replace(PARAMETERS, approach=Approach.TIER_BY_TIER)
    undisturbed = prepare(tmp_path / "undisturbed", parameters, network=AUGMENTED)
    trained(undisturbed)
    killed = prepare(tmp_path / "killed", parameters, network=AUGMENTED)
    at_the_second = interrupted(killed, signal.SIGKILL, lambda event: (event.get("epoch"), event.get("step")) == (4, 2))
    assert at_the_second < 0
    trained(killed)
    assert (killed / "weights.npz").read_bytes() == (undisturbed / "weights.npz").read_bytes()
    alone = prepare(tmp_path / "alone", parameters, network=AUGMENTED)
    ended = interrupted(alone, signal.SIGTERM, lambda event: event["event"] == "epoch" and event["epoch"] == 3)
    assert ended == 143
    with np.load(max((alone / "checkpoints").glob("*.checkpoint"))) as found:
        after_the_first = {name.split("/", 2)[2]: found[name] for name in found.files if name.startswith("learner/")}
    frozen = [name for name in weights(undisturbed) if "/norm/" in name or "/edge/" in name]
    assert len(frozen) == 6
    for name in frozen:
        assert (weights(undisturbed)[name] == after_the_first[name.split("/", 1)[1]]).all(), name


def test_a_run_begins_with_another_ones_weights_and_learns_from_what_it_is_sure_of(tmp_path: Path) -> None:
    one = prepare(tmp_path / "one", PARAMETERS)
    trained(one)
    other = prepare(tmp_path / "other", msgspec.structs.replace(PARAMETERS, epochs=1))
    shelve_unlabelled(other / "unlabelled")
    pseudo = PseudoLabels(confidence=0.6, weight=0.3, epochs=1)
    changed(other, start_from=str(one / "weights.npz"), unlabelled="unlabelled", pseudo_labels=pseudo)
    said = trained(other)
    assert next(event["text"] for event in said if event["event"] == "notice").endswith("of 100 unlabelled records")
    epochs = [event["validation"]["cloud"]["loss"] for event in said if event["event"] == "epoch"]
    before = [event["validation"]["cloud"]["loss"] for event in trained_before(one)]
    assert len(epochs) == 2
    assert epochs[0] < before[0]
    wider = prepare(tmp_path / "wider", PARAMETERS, network=NETWORK.replace("Dense(16", "Dense(17"))
    changed(wider, start_from=str(one / "weights.npz"))
    code, _, errors = finished(wider)
    assert code == 5
    assert "the weights to start from do not fit" in errors.splitlines()[-1]


def test_a_participant_is_held_near_the_model_it_was_given_and_pushed_where_it_is_told_to(tmp_path: Path) -> None:
    given = prepare(tmp_path / "given", PARAMETERS)
    trained(given)
    start = weights(given)
    kernel = next(name for name in start if name.endswith("/kernel"))
    along = {name: np.where(name == kernel, 10, 0) * np.ones_like(one) for name, one in start.items()}
    np.savez(tmp_path / "along.npz", **along)
    pulls = {
        "free": None,
        "held": PullTask(proximal=100.0),
        "pushed": PullTask(along=str(tmp_path / "along.npz")),
    }
    after = {}
    for name, pull in pulls.items():
        folder = prepare(tmp_path / name, msgspec.structs.replace(PARAMETERS, epochs=1))
        changed(folder, start_from=str(given / "weights.npz"), pull=pull)
        trained(folder)
        after[name] = weights(folder)[kernel]
    assert np.abs(after["held"] - start[kernel]).max() < 0.5 * np.abs(after["free"] - start[kernel]).max()
    assert (after["pushed"] < after["free"]).mean() > 0.9


def trained_before(folder: Path) -> list[dict[str, Any]]:
    history: list[dict[str, Any]] = msgspec.json.decode((folder / "history.json").read_bytes())["epochs"]
    return history


def test_mixed_arithmetic_keeps_weights_and_answers_in_float32(tmp_path: Path) -> None:
    mixed = msgspec.structs.replace(PARAMETERS, epochs=6, arithmetic=Arithmetic.MIXED_BFLOAT16)
    folder = prepare(tmp_path / "run", mixed, network=NORMED)
    said = trained(folder)
    assert said[-1]["test"]["cloud"]["accuracy"] > 0.7
    assert {array.dtype.name for array in weights(folder).values()} == {"float32"}
    assert b"bfloat16" not in (folder / "description.json").read_bytes()
    half = msgspec.structs.replace(PARAMETERS, arithmetic=Arithmetic.MIXED_FLOAT16)
    code, _, errors = finished(prepare(tmp_path / "half", half))
    if code:  # on a node without a GPU
        assert code == 10
        assert "mixed_float16 is for a GPU" in errors.splitlines()[-1]


def test_a_network_of_labels_is_trained_and_judged_by_each_of_them(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    sigmoids = NETWORK.replace('"softmax"', '"sigmoid"')
    prepare(folder, msgspec.structs.replace(PARAMETERS, epochs=6), network=sigmoids)
    drawn = np.random.default_rng(3)
    labels = drawn.integers(0, 2, (RECORDS, 3)).astype(np.uint8)
    inputs = (drawn.normal(100, 10, (RECORDS, FEATURES)) + 60 * labels @ np.eye(3, FEATURES)).astype(np.uint8)
    spec = TensorSpec(dtype=DType.UINT8, shape=(FEATURES,))
    with ShelfWriter.open(folder / "labelled", inputs=spec, labels=TensorSpec(dtype=DType.UINT8, shape=(3,))) as writer:
        writer.append(("made", 0), inputs, labels, position=RECORDS)
    changed(folder, shelf="labelled", task=Task.MULTI_LABEL, classes=None)
    said = trained(folder)
    judgements = decode((folder / "judgements.json").read_bytes(), Judgements)
    assert judgements.task is Task.MULTI_LABEL
    assert all(one.multilabel is not None and one.multilabel.hamming_loss < 0.2 for one in judgements.exits)
    assert said[-1]["test"]["cloud"]["accuracy"] == judgements.exits[-1].accuracy


def test_a_mistake_in_augment_ends_the_run_with_its_place(tmp_path: Path) -> None:
    source = NETWORK.replace("\n\ndef network", "\ndef augment(inputs, rng):\n    return inputs / 2\n\ndef network", 1)
    code, _, errors = finished(prepare(tmp_path / "run", PARAMETERS, network=source))
    assert code == 5
    assert "network.py:4: augment(inputs, rng) returns float64" in errors.splitlines()[-1]


def test_a_task_names_what_is_to_be_begun_with_and_learnt_from() -> None:
    given = TrainingTask(shelf="shelf", source="network.py", start_from="w.npz", unlabelled="more")
    assert decode(encode(given), TrainingTask) == given
