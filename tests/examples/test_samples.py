"""The samples that ship with the examples give the figures their tables show, by the artifacts alone."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from examples import continuum, fashion_mnist, manifests, sensor
from examples.evaluation import Evaluation, Report, evaluate
from examples.sensor import sample
from shared.documents.codec import decode
from shared.documents.model import Precision
from shared.record.json_values import json_reader

FASHION = Path(str(fashion_mnist.__file__)).parent
SENSOR = Path(str(sensor.__file__)).parent
# Kernels of other processors round otherwise: a handful of records near a boundary may fall to the other side.
TOLERANCE = 0.005

each_precision = pytest.mark.parametrize("precision", [Precision.FLOAT32, Precision.INT8])


def measured(
    folder: Path, records: npt.NDArray[np.generic], labels: npt.NDArray[np.integer], precision: Precision
) -> Evaluation:
    manifest = manifests.read(folder)
    return evaluate(continuum.answer(manifest, folder, records, precision=precision), labels, manifest)


def assert_as_in_table(now: Evaluation, folder: Path, precision: Precision) -> None:
    report = decode((folder / "evaluation.json").read_bytes(), Report)
    table = report.sets["sample"][precision]
    assert now.records == table.records
    assert now.exits == pytest.approx(table.exits, abs=TOLERANCE)
    assert now.at(report.threshold).accuracy == pytest.approx(table.at(report.threshold).accuracy, abs=TOLERANCE)
    assert now.at(report.threshold).answered == pytest.approx(table.at(report.threshold).answered, abs=TOLERANCE)


@each_precision
def test_2000_images_give_the_figures_of_the_table(precision: Precision) -> None:
    with np.load(FASHION / "sample.npz", allow_pickle=False) as images:
        assert (len(images["labels"]), images["images"].dtype) == (2000, np.uint8)
        assert_as_in_table(measured(FASHION, images["images"], images["labels"], precision), FASHION, precision)


@each_precision
def test_400_windows_give_the_figures_of_the_table(precision: Precision) -> None:
    windows = sample.read(SENSOR / "sample.jsonl")
    assert_as_in_table(measured(SENSOR, windows.vibrations, windows.conditions, precision), SENSOR, precision)


def test_a_record_of_the_sensor_is_what_the_json_decoder_reads() -> None:
    line = json.loads((SENSOR / "sample.jsonl").read_text(encoding="utf-8").split("\n", 1)[0])
    read = json_reader(manifests.read(SENSOR).sub_models[0].input, sample.FIELD)
    assert (read(json.dumps(line["record"]).encode()) == sample.read(SENSOR / "sample.jsonl").vibrations[0]).all()
