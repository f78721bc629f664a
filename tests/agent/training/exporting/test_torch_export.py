"""The example in PyTorch, trained and exported in processes of their own, and run as agents run it."""

import json
from pathlib import Path

import msgspec
import pytest

from agent.training import task
from agent.training.judging.judgements import Judgements
from shared.documents import (
    ArtifactFormat,
    Description,
    DType,
    Export,
    ExportForm,
    Framework,
    TensorSpec,
    TierCut,
    decode,
    encode,
)
from tests.agent.training.exporting.exports import finished, manifest, order, prepare
from tests.agent.training.runs import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TRAINING, EXPORTING = "agent.training", "agent.training.exporting"
NETWORK = (ROOT / "examples" / "pytorch_network" / "network.py").read_text()
TORCH = (ExportForm(format=ArtifactFormat.TORCH),)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten classes by the network, of which these records have three."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    prepare(folder, NETWORK, shape=(28, 28, 1), export=Export(forms=TORCH, checked=64), labels=(), records=400)
    given = msgspec.structs.replace(task.read(folder), framework=Framework.TORCH, classes=10)
    (folder / task.FILE).write_bytes(encode(given))
    code, _, errors = finished(TRAINING, folder)
    assert code == 0, errors
    return folder


def test_the_example_learns_and_is_cut_where_it_says(trained: Path) -> None:
    description = decode((trained / "description.json").read_bytes(), Description)
    assert [(one.name, one.cut) for one in description.exits] == [
        ("edge", "edge_features"),
        ("fog", "fog_features"),
        ("cloud", None),
    ]
    judgements = decode((trained / "judgements.json").read_bytes(), Judgements)
    assert [one.exit for one in judgements.exits] == ["edge", "fog", "cloud"]
    # Fifty steps are enough for the first exit alone.
    assert judgements.exits[0].accuracy is not None
    assert judgements.exits[0].accuracy > 0.6


def test_its_sub_models_answer_as_the_network_does_and_are_the_same_bytes_again(trained: Path) -> None:
    code, _, errors = finished(EXPORTING, trained)
    assert code == 0, errors
    found = manifest(trained)
    assert [one.tier for one in found.sub_models] == ["edge", "fog", "cloud"]
    assert found.sub_models[0].input == TensorSpec(dtype=DType.UINT8, shape=(28, 28, 1))
    assert found.sub_models[1].input == TensorSpec(dtype=DType.FLOAT32, shape=(4, 7, 7))
    contents = [(trained / one.artifacts[0].file).read_bytes() for one in found.sub_models]
    assert all(str(ROOT).encode() not in content for content in contents)
    order(trained, Export(forms=TORCH, checked=63), labels=())
    (trained / "artifacts" / "made").unlink()
    code, _, errors = finished(EXPORTING, trained)
    assert code == 0, errors
    assert [one.artifacts[0].sha256 for one in manifest(trained).sub_models] == [
        one.artifacts[0].sha256 for one in found.sub_models
    ]


REFUSED = {
    "a head below": (
        (TierCut(tier="box", cut="fog_features", exit=None), TierCut(tier="cloud", exit="edge")),
        "cannot answer at exit 'edge': its head begins in a tier below",
    ),
    "a head above": (
        (TierCut(tier="box", cut="edge_features", exit="fog"), TierCut(tier="cloud", exit="cloud")),
        "whose head needs 'fog_features' above it",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_an_exit_that_its_tier_cannot_compute_is_refused_by_name(trained: Path, name: str) -> None:
    tiers, reason = REFUSED[name]
    order(trained, Export(tiers=tiers, forms=TORCH), labels=())
    code, _, errors = finished(EXPORTING, trained)
    assert code == 5
    assert reason in errors


def test_a_form_that_pytorch_has_not_is_refused_with_those_it_has(trained: Path) -> None:
    order(trained, Export(), labels=())
    code, said, errors = finished(EXPORTING, trained)
    assert code == 3
    assert "cannot be exported as tflite float32: choose among torch float32" in errors
    assert json.dumps(said)
