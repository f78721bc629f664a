"""A network of PyTorch trained in its own process: killed, asked to leave; the same result to the bit."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from agent.training import array_file, results
from agent.training.judging.judgements import Judgements
from agent.training.opening import opened
from agent.training.task import TrainingTask
from shared.documents import (
    Approach,
    Arithmetic,
    Description,
    Framework,
    Optimiser,
    OptimiserName,
    Schedule,
    TrainingParameters,
    decode,
    encode,
)
from tests.agent.training.runs import finished, interrupted, killed_while_judging, prepare

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
NETWORK = """\
import random

import numpy as np
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.low = nn.Sequential(nn.Linear(12, 16), nn.ReLU(inplace=True), nn.Dropout(0.2))
        self.edge = nn.Sequential(nn.Linear(16, 3), nn.Softmax(1))
        self.high = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.BatchNorm1d(16))
        self.drop = nn.Dropout(0.1)
        self.cloud = nn.Sequential(nn.Linear(16, 3), nn.Softmax(1))

    def forward(self, x):
        low = self.low(x / 64)
        high = self.high(low)
        if self.training and (random.random() < 0.3 or np.random.random() < 0.1):
            high = high + low
        return {"edge": self.edge(low), "cloud": self.cloud(self.drop(high))}


def network():
    return Net(), torch.zeros(1, 12)
"""
PARAMETERS = TrainingParameters(
    epochs=6,
    batch=32,
    optimiser=Optimiser(learning_rate=0.02, weight_decay=0.01, schedule=Schedule.COSINE),
    seed=11,
    class_weights=True,
    checkpoint_every_s=0.05,
)
BY_TIER = TrainingParameters(
    epochs=4,
    batch=32,
    approach=Approach.TIER_BY_TIER,
    optimiser=Optimiser(name=OptimiserName.SGD, learning_rate=0.1, weight_decay=0.001),
    arithmetic=Arithmetic.MIXED_BFLOAT16,
    checkpoint_every_s=0.05,
)
WRITTEN = ("judgements.json", "history.json", "description.json", "weights.npz")


def prepared(folder: Path, parameters: TrainingParameters, network: str = NETWORK) -> Path:
    return prepare(folder, parameters, network=network, framework=Framework.TORCH)


def trained(folder: Path, parameters: TrainingParameters) -> Path:
    code, _, errors = finished(prepared(folder, parameters))
    assert code == 0, errors
    return folder


def at(epoch: int, step: int) -> Callable[[dict[str, Any]], bool]:
    return lambda event: event["event"] == "step" and (event["epoch"], event["step"]) >= (epoch, step)


def weights(folder: Path) -> dict[str, np.typing.NDArray[Any]]:
    with np.load(folder / "weights.npz", allow_pickle=False) as found:
        return dict(found)


def accuracy(folder: Path, exit: str) -> float:
    judgements = decode((folder / "judgements.json").read_bytes(), Judgements)
    (found,) = [one.accuracy for one in judgements.exits if one.exit == exit]
    assert found is not None
    return found


@pytest.fixture(scope="module")
def joint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("joint") / "run", PARAMETERS)


@pytest.fixture(scope="module")
def by_tier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("by_tier") / "run", BY_TIER)


def validation_losses(folder: Path, exit: str) -> list[float]:
    history = json.loads((folder / "history.json").read_bytes())
    return [epoch["validation"][exit]["loss"] for epoch in history["epochs"]]


def test_a_run_leaves_a_judged_network_and_its_curves(joint: Path) -> None:
    assert accuracy(joint, "edge") > 0.7
    assert accuracy(joint, "cloud") > 0.7
    description = decode((joint / "description.json").read_bytes(), Description)
    assert [one.cut for one in description.exits] == ["low", None]
    assert {"low.0.weight", "high.2.running_mean", "cloud.0.bias"} <= weights(joint).keys()
    losses = validation_losses(joint, "cloud")
    assert len(losses) == 6
    assert losses[-1] < losses[0]


def test_a_tier_that_learns_alone_leaves_what_lies_below_as_it_was(by_tier: Path) -> None:
    edge, cloud = validation_losses(by_tier, "edge"), validation_losses(by_tier, "cloud")
    assert edge[0] > edge[3]
    assert set(edge[3:]) == {edge[3]}
    assert cloud[7] < cloud[3]
    assert accuracy(by_tier, "cloud") > 0.7


def test_a_run_that_was_killed_moved_and_asked_to_leave_ends_as_if_nothing_had_been(
    tmp_path: Path, joint: Path
) -> None:
    folder = prepared(tmp_path / "run", PARAMETERS)
    assert interrupted(folder, signal.SIGKILL, at(1, 7)) == -signal.SIGKILL
    assert interrupted(folder, signal.SIGTERM, at(3, 3), on_one_core=True) == 143
    killed_while_judging(folder)
    assert ends_as(joint, folder)


def test_a_run_by_tiers_that_was_killed_in_the_second_ends_as_if_nothing_had_been(
    tmp_path: Path, by_tier: Path
) -> None:
    folder = prepared(tmp_path / "run", BY_TIER)
    assert interrupted(folder, signal.SIGKILL, at(5, 3)) == -signal.SIGKILL
    assert ends_as(by_tier, folder)


def ends_as(undisturbed: Path, folder: Path) -> bool:
    code, said, errors = finished(folder)
    assert code == 0, errors
    assert any(event["event"] == "resumed" for event in said)
    return all((folder / name).read_bytes() == (undisturbed / name).read_bytes() for name in WRITTEN)


def test_a_run_begins_with_the_weights_that_sites_share_and_keeps_the_networks_own_counters(
    tmp_path: Path, joint: Path
) -> None:
    shared = {name: one for name, one in weights(joint).items() if one.dtype == np.float32}
    assert shared.keys() < weights(joint).keys()
    array_file.write(tmp_path / "shared.npz", shared)
    begun = prepared(tmp_path / "begun", msgspec.structs.replace(PARAMETERS, epochs=1))
    task = decode((begun / "task.json").read_bytes(), TrainingTask)
    (begun / "task.json").write_bytes(encode(msgspec.structs.replace(task, start_from=str(tmp_path / "shared.npz"))))
    code, _, errors = finished(begun)
    assert code == 0, errors
    assert 0 < int(weights(begun)["high.2.num_batches_tracked"]) <= 13
    done = results.found(begun, opened(begun).name)
    assert done is not None
    assert (done.records, done.steps) == (360, 12)
    assert done.validation["cloud"].loss == validation_losses(begun, "cloud")[-1]


def test_a_loss_that_is_no_number_ends_the_run_with_its_place_and_code_5(tmp_path: Path) -> None:
    wild = TrainingParameters(
        epochs=3, batch=32, optimiser=Optimiser(name=OptimiserName.SGD, learning_rate=10.0), checkpoint_every_s=0.0
    )
    code, _, errors = finished(prepared(tmp_path / "run", wild, NETWORK.replace("x / 64", "x * 1e30")))
    assert code == 5
    assert "in epoch 1" in errors or "before anything was learnt" in errors


def test_exits_that_give_no_probabilities_are_named_before_the_first_step(tmp_path: Path) -> None:
    logits = NETWORK.replace("nn.Sequential(nn.Linear(16, 3), nn.Softmax(1))", "nn.Linear(16, 3)")
    code, _, errors = finished(prepared(tmp_path / "run", PARAMETERS, logits))
    assert code == 5
    assert "exit 'edge' gives no class probabilities" in errors


def test_half_precision_where_there_is_no_gpu_is_said(tmp_path: Path) -> None:
    half = TrainingParameters(epochs=1, arithmetic=Arithmetic.MIXED_FLOAT16)
    code, _, errors = finished(prepared(tmp_path / "run", half))
    assert code != 0
    assert "mixed_float16 is for a GPU" in errors
