"""What holds for every example that ships artifacts."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from examples import continuum, fashion_mnist, manifests, report, sensor
from examples.evaluation import Report
from shared.documents.codec import decode
from shared.documents.model import Precision

EXAMPLES = [Path(str(example.__file__)).parent for example in (fashion_mnist, sensor)]
PRECISIONS = [Precision.FLOAT32, Precision.INT8]

each_example = pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
each_precision = pytest.mark.parametrize("precision", PRECISIONS)


def evaluation(folder: Path) -> Report:
    return decode((folder / "evaluation.json").read_bytes(), Report)


@each_example
def test_every_artifact_is_what_the_manifest_says(folder: Path) -> None:
    for sub_model in manifests.read(folder).sub_models:
        for artifact in sub_model.artifacts:
            raw = (folder / artifact.file).read_bytes()
            assert (sha256(raw).hexdigest(), len(raw)) == (artifact.sha256, artifact.size_bytes), artifact.file


@each_example
def test_the_manifest_names_every_artifact(folder: Path) -> None:
    named = {artifact.file for sub_model in manifests.read(folder).sub_models for artifact in sub_model.artifacts}
    assert named == {str(path.relative_to(folder)) for path in (folder / "artifacts").glob("*.tflite")}


@each_example
@each_precision
@pytest.mark.parametrize("records", [1, 3])
def test_tensors_are_those_of_the_manifest_for_any_batch(folder: Path, precision: Precision, records: int) -> None:
    for sub_model in manifests.read(folder).sub_models:
        batch = np.zeros((records, *sub_model.input.shape), sub_model.input.dtype.value)
        outputs = continuum.infer(continuum.load(sub_model, folder, precision=precision), batch)
        wanted = {"exit": sub_model.exit, "features": sub_model.features}
        assert {name: (output.shape[1:], str(output.dtype)) for name, output in outputs.items()} == {
            name: (spec.shape, spec.dtype.value) for name, spec in wanted.items() if spec
        }
        assert all(len(output) == records for output in outputs.values())


@each_example
@each_precision
def test_the_cloud_earns_its_place(folder: Path, precision: Precision) -> None:
    sets = evaluation(folder).sets
    on_test, on_sample = sets["test"][precision].exits, sets["sample"][precision].exits
    assert on_test["cloud"] >= on_test["edge"] + 0.015
    assert on_sample["cloud"] >= on_sample["edge"]


@each_example
@each_precision
def test_most_records_leave_at_the_edge_and_the_whole_stays_as_good_as_the_cloud(
    folder: Path, precision: Precision
) -> None:
    measured = evaluation(folder)
    test = measured.sets["test"][precision]
    chosen = test.at(measured.threshold)
    assert chosen.answered["edge"] >= 0.7
    assert chosen.accuracy >= test.exits["cloud"] - 0.01


@each_example
def test_the_readme_shows_the_measured_tables(folder: Path) -> None:
    assert report.markdown(evaluation(folder)) in (folder / "README.md").read_text(encoding="utf-8")


@each_example
def test_the_manifest_carries_the_measured_figures(folder: Path) -> None:
    assert manifests.read(folder).metrics == report.metrics(evaluation(folder))
