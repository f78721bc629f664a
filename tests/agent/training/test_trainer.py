"""A network of Keras trained in its own process: killed, asked to leave, damaged; the same result to the bit."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.training.exporting import task as export_task
from agent.training.exporting.task import ExportTask
from agent.training.judging.judgements import Judgements
from agent.training.reading.shelf_writer import ShelfWriter
from shared.documents import (
    Description,
    DType,
    Optimiser,
    OptimiserName,
    Schedule,
    TensorSpec,
    TrainingParameters,
    decode,
    encode,
)
from shared.errors import DocumentError
from tests.agent.training.runs import FEATURES, NETWORK, RECORDS, finished, interrupted, killed_while_judging, prepare

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PARAMETERS = TrainingParameters(
    epochs=6,
    batch=32,
    optimiser=Optimiser(learning_rate=0.02, weight_decay=0.01, schedule=Schedule.COSINE),
    seed=11,
    class_weights=True,
    checkpoint_every_s=0.05,
)
DOCUMENTS = ("judgements.json", "history.json", "description.json")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = prepare(tmp_path_factory.mktemp("undisturbed") / "run", PARAMETERS)
    code, _, errors = finished(folder)
    assert code == 0, errors
    return folder


def weights(folder: Path) -> dict[str, np.typing.NDArray[Any]]:
    with np.load(folder / "weights.npz", allow_pickle=False) as found:
        return dict(found)


def at(epoch: int, step: int) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["event"] == "step" and (event["epoch"], event["step"]) >= (epoch, step)


def test_a_run_leaves_a_judged_network_and_its_curves(undisturbed: Path) -> None:
    judgements = decode((undisturbed / "judgements.json").read_bytes(), Judgements)
    assert [one.exit for one in judgements.exits] == ["edge", "cloud"]
    assert judgements.records == 120
    assert all(one.accuracy is not None and one.accuracy > 0.7 for one in judgements.exits)
    description = decode((undisturbed / "description.json").read_bytes(), Description)
    assert [one.cut for one in description.exits] == ["low", None]
    assert sum(array.size for array in weights(undisturbed).values()) == description.parameters
    history = json.loads((undisturbed / "history.json").read_bytes())
    losses = [epoch["validation"]["cloud"]["loss"] for epoch in history["epochs"]]
    assert len(losses) == 6
    assert losses[-1] < losses[0]


def test_a_run_that_was_killed_moved_asked_to_leave_and_damaged_ends_as_if_nothing_had_been(
    undisturbed: Path, tmp_path: Path
) -> None:
    folder = prepare(tmp_path / "run", PARAMETERS)
    assert interrupted(folder, signal.SIGKILL, at(1, 7)) == -signal.SIGKILL
    assert interrupted(folder, signal.SIGTERM, at(2, 3), on_one_core=True) == 143
    newest = max((folder / "checkpoints").glob("*.checkpoint"))
    newest.write_bytes(newest.read_bytes()[:-100])
    killed_while_judging(folder)
    code, said, errors = finished(folder)
    assert code == 0, errors
    assert {"event": "resumed", "epoch": 7, "step": 0} in said
    for name in DOCUMENTS:
        assert (folder / name).read_bytes() == (undisturbed / name).read_bytes()
    assert (folder / "weights.npz").read_bytes() == (undisturbed / "weights.npz").read_bytes()


def test_a_run_that_is_done_says_so_and_ends(undisturbed: Path) -> None:
    code, said, errors = finished(undisturbed)
    assert (code, errors) == (0, "")
    (done,) = said
    assert done["was_done"] is True
    assert done["test"]["cloud"]["accuracy"] > 0.7


def test_a_source_changed_after_the_run_is_another_run(undisturbed: Path) -> None:
    source = undisturbed / "network.py"
    source.write_text(NETWORK.replace("16", "17"))
    try:
        code, said, errors = finished(undisturbed)
    finally:
        source.write_text(NETWORK)
    assert (code, said) == (3, [])
    assert "another source, stream or parameters" in errors


def test_a_loss_that_is_no_number_ends_the_run_with_its_place_and_code_5(tmp_path: Path) -> None:
    wild = TrainingParameters(
        epochs=3, batch=32, optimiser=Optimiser(name=OptimiserName.SGD, learning_rate=10.0), checkpoint_every_s=0.0
    )
    unscaled = NETWORK.replace("layers.Rescaling(1 / 64)(x)", "layers.Rescaling(1e12)(x)")
    code, said, errors = finished(prepare(tmp_path / "run", wild, network=unscaled))
    assert code == 5
    assert "no longer finite in epoch 1" in errors or "is nan in epoch 1" in errors or "is inf in epoch 1" in errors
    assert said[-1]["event"] in ("step", "checkpoint", "phase")


def test_random_numbers_that_cannot_be_repeated_are_refused(tmp_path: Path) -> None:
    noisy = NETWORK.replace("import keras\n", "import keras\nimport tensorflow as tf\n", 1).replace(
        "    edge =", "    low = layers.Lambda(lambda t: t + tf.random.normal(tf.shape(t)))(low)\n    edge ="
    )
    code, _, errors = finished(prepare(tmp_path / "run", PARAMETERS, network=noisy))
    assert code == 5
    assert "RandomStandardNormal" in errors.splitlines()[-1]
    assert "keras.random" in errors.splitlines()[-1]


@pytest.mark.parametrize(
    ("content", "code", "why"),
    [
        (b"{", 3, "not JSON"),
        (b'{"shelf": "shelf", "source": "network.py", "parameters": {"epochs": 0}}', 3, "parameters.epochs"),
        (b'{"shelf": "shelf", "source": "none.py"}', 5, "none.py: no such file"),
        (b'{"shelf": "nowhere", "source": "network.py"}', 8, "no stream was shelved"),
    ],
)
def test_a_task_that_makes_no_sense_ends_before_a_framework_is_imported(
    tmp_path: Path, content: bytes, code: int, why: str
) -> None:
    folder = prepare(tmp_path / "run", PARAMETERS)
    (folder / "task.json").write_bytes(content)
    ended, said, errors = finished(folder)
    assert (ended, said) == (code, [])
    assert why in errors
    assert len(errors.splitlines()) == 1


def test_names_that_are_not_as_many_as_the_classes_end_it_before_it_learns(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", PARAMETERS)
    (folder / export_task.FILE).write_bytes(encode(ExportTask(model="made", labels=("a", "b"))))
    code, said, errors = finished(folder)
    assert code == DocumentError.exit_code
    assert errors.splitlines()[-1].count("labels: 2 names, and exit 'cloud' knows 3 classes") == 1
    assert [one["phase"] for one in said if one["event"] == "phase"] == ["loading"]


def test_a_label_that_is_no_class_of_the_exit_ends_it_before_it_learns(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run", PARAMETERS)
    given = TensorSpec(dtype=DType.UINT8, shape=(FEATURES,)), TensorSpec(dtype=DType.UINT8, shape=())
    with ShelfWriter.open(folder / "shelf", inputs=given[0], labels=given[1]) as writer:
        writer.append(("made", 1), np.zeros((2, FEATURES), np.uint8), np.array([0, 3], np.uint8), position=2)
    code, said, errors = finished(folder)
    assert code == DocumentError.exit_code
    assert f"labels: label 3 of row {RECORDS + 1}: the classes are 0 to 2" in errors.splitlines()[-1]
    assert "fitting" not in [one["phase"] for one in said if one["event"] == "phase"]
