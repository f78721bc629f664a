"""A trained network to artifacts, in a process of its own: in every form, as agents run them; again after a kill."""

import json
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fogline import exit_outputs
from shared.documents import ArtifactFormat, DType, Export, ExportForm, TensorSpec, TierCut
from tests.agent.training.exporting.exports import (
    CLASSES,
    FORMS,
    NETWORK,
    finished,
    manifest,
    order,
    prepare,
    started,
)
from tests.agent.training.runs import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TRAINING, EXPORTING = "agent.training", "agent.training.exporting"
TIERS = (TierCut(tier="box", cut="sent", exit="edge"), TierCut(tier="cloud", exit="cloud"))
EXPORT = Export(tiers=TIERS, forms=FORMS, checked=64, representative=64)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = prepare(tmp_path_factory.mktemp("trained") / "run", NETWORK, shape=(8, 8, 1), export=EXPORT)
    code, _, errors = finished(TRAINING, folder)
    assert code == 0, errors
    return folder


@pytest.fixture(scope="module")
def exported(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("exported") / "run"
    shutil.copytree(trained, folder)
    code, said, errors = finished(EXPORTING, folder)
    assert code == 0, errors
    return folder, said


def test_every_part_is_there_in_every_form_under_its_digest(exported: tuple[Path, list[dict[str, Any]]]) -> None:
    folder, said = exported
    found = manifest(folder)
    assert [one.tier for one in found.sub_models] == ["box", "cloud"]
    box, cloud = found.sub_models
    assert box.input == TensorSpec(dtype=DType.UINT8, shape=(8, 8, 1))
    assert box.features == cloud.input == TensorSpec(dtype=DType.FLOAT32, shape=(4, 4, 2))
    for one in found.sub_models:
        assert [(artifact.format, artifact.precision) for artifact in one.artifacts] == [
            (form.format, form.precision) for form in FORMS
        ]
        assert all((folder / artifact.file).stat().st_size == artifact.size_bytes for artifact in one.artifacts)
    assert set(found.metrics) == {"accuracy_box", "loss_box", "accuracy_cloud", "loss_cloud"}
    assert found.metrics["accuracy_cloud"] > 0.8
    checked = [event for event in said if event["event"] == "checked"]
    assert [event["records"] for event in checked] == [64] * len(FORMS)
    assert max(checked[0]["differences"].values()) < 1e-5
    assert said[-1] == {"event": "done", "was_done": False}


def test_answers_of_the_deployed_chain_are_what_thresholds_are_chosen_from(
    exported: tuple[Path, list[dict[str, Any]]],
) -> None:
    folder, _ = exported
    for name, records in (("validation.npz", 100), ("test.npz", 150)):
        outputs = exit_outputs.read(folder / name)
        assert outputs.tiers == ("box", "cloud")
        assert len(outputs.labels) == records
    right = outputs.probabilities["cloud"].argmax(axis=1) == outputs.labels
    assert right.mean() == pytest.approx(manifest(folder).metrics["accuracy_cloud"], abs=0.03)


def test_what_is_done_is_found_and_the_same_run_gives_the_same_bytes_after_a_kill(
    trained: Path, exported: tuple[Path, list[dict[str, Any]]], tmp_path: Path
) -> None:
    folder, _ = exported
    code, said, errors = finished(EXPORTING, folder)
    assert (code, said) == (0, [{"event": "done", "was_done": True}]), errors
    again = tmp_path / "run"
    shutil.copytree(trained, again)
    with started(EXPORTING, again) as process:
        assert process.stdout is not None
        converted = (json.loads(line)["event"] == "converted" for line in process.stdout)
        assert any(converted)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    code, said, errors = finished(EXPORTING, again)
    assert code == 0, errors
    assert [event["was_made"] for event in said if event["event"] == "converted"].count(True) >= 1
    for name in ("manifest.json", "validation.npz", "test.npz", "exported"):
        assert (again / name).read_bytes() == (folder / name).read_bytes(), name


ABOVE = (TierCut(tier="a", cut="sent"), TierCut(tier="b", cut="high", exit="edge"), TIERS[1])
BELOW = (TierCut(tier="a", cut="low", exit="cloud"), TIERS[1])
REFUSED = {
    "too_far": (Export(tolerance=1e-12), CLASSES, r"tier 'edge' as tflite float32 answers up to .* 1e-12 is allowed"),
    "labels": (Export(), ("a", "b"), "`labels` has 2 names for 3 classes"),
    "no_such_form": (
        Export(forms=(ExportForm(), ExportForm(format=ArtifactFormat.TORCH))),
        CLASSES,
        r"export\.forms\[1\]: this network cannot be exported as torch float32: choose among tflite float32, ",
    ),
    "head_below": (Export(tiers=ABOVE), CLASSES, "tier 'b' cannot answer at exit 'edge', whose head begins in a tier"),
    "head_above": (Export(tiers=BELOW), CLASSES, "tier 'a' is cut after 'low' and cannot answer at exit 'cloud'"),
}


@pytest.fixture(scope="module")
def refusals(trained: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """All by one process: a framework takes seconds to import."""
    folder = tmp_path_factory.mktemp("refused")
    for name, (export, labels, _) in REFUSED.items():
        shutil.copytree(trained, folder / name)
        order(folder / name, export, labels=labels)
    shutil.copytree(trained, folder / "untrained", ignore=shutil.ignore_patterns("done"))
    command = [sys.executable, "-m", "tests.agent.training.exporting.refusals", str(folder)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_is_one_line_with_its_remedy(refusals: dict[str, str], name: str) -> None:
    assert "\n" not in refusals[name]
    assert re.search(REFUSED[name][2], refusals[name]), refusals[name]


def test_a_run_that_was_not_finished_is_not_exported(refusals: dict[str, str]) -> None:
    assert "holds no trained network" in refusals["untrained"]
