"""The commands that made the examples still run, on data that take seconds."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from examples import manifests
from examples.report import BEGIN, END
from tests.examples.idx import write_idx

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def command(module: str, *arguments: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"} | ({"FOGLINE_DATA": str(data)} if data else {})
    line = [sys.executable, "-m", f"examples.{module}", *arguments]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False)


def place_for_tables(folder: Path) -> None:
    (folder / "README.md").write_text(f"# Mine\n\n{BEGIN}\n{END}\n", encoding="utf-8")


@pytest.fixture
def few_images(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    random = np.random.default_rng(0)
    for part in ("train", "t10k"):
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", random.integers(256, size=(64, 28, 28), dtype=np.uint8))
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", random.integers(10, size=64, dtype=np.uint8))
    return folder


def test_fashion_mnist_is_trained_exported_and_measured(tmp_path: Path, few_images: Path) -> None:
    place_for_tables(tmp_path)
    where = ("--weights", str(tmp_path / "weights"), "--into", str(tmp_path))
    trained = command("fashion_mnist.train", "--epochs", "1", "--batch", "32", *where, data=few_images)
    assert trained.returncode == 0, trained.stderr
    measured = command("fashion_mnist.evaluate", "--folder", str(tmp_path), data=few_images)
    assert measured.returncode == 0, measured.stderr
    assert "test (64 records)" in (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "accuracy_whole" in manifests.read(tmp_path).metrics


@pytest.mark.parametrize(("line", "count"), [((), 64), (("--limit", "5"), 5), (("--limit", "1000"), 64)])
def test_the_images_are_written_as_streams_are_sent(
    tmp_path: Path, few_images: Path, line: tuple[str, ...], count: int
) -> None:
    into = tmp_path / "made" / "here"
    written = command("fashion_mnist.data", str(into), *line, data=few_images)
    assert written.returncode == 0, written.stderr
    for name in ("train", "test"):
        with np.load(into / f"{name}.npz") as found:
            assert {key: (found[key].shape, found[key].dtype) for key in found} == {
                "images": ((count, 28, 28, 1), np.uint8),
                "labels": ((count,), np.uint8),
            }


@pytest.mark.parametrize("limit", ["0", "-1", "few"])
def test_a_limit_is_a_number_of_images(tmp_path: Path, few_images: Path, limit: str) -> None:
    refused = command("fashion_mnist.data", str(tmp_path / "made"), "--limit", limit, data=few_images)
    assert refused.returncode == 2
    assert "--limit" in refused.stderr.splitlines()[-1]
    assert not (tmp_path / "made").exists()


def test_a_folder_that_cannot_be_written_is_named_in_one_line(tmp_path: Path, few_images: Path) -> None:
    (tmp_path / "file").write_text("")
    refused = command("fashion_mnist.data", str(tmp_path / "file"), data=few_images)
    assert refused.returncode == 1
    assert str(tmp_path / "file") in refused.stderr.splitlines()[-1]


def test_the_sensor_is_trained_and_measured(tmp_path: Path) -> None:
    place_for_tables(tmp_path)
    trained = command("sensor.train", "--epochs", "1", "--windows", "256", "--into", str(tmp_path))
    assert trained.returncode == 0, trained.stderr
    measured = command("sensor.evaluate", "--folder", str(tmp_path))
    assert measured.returncode == 0, measured.stderr
    assert "test (10,000 records)" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_missing_training_is_named_in_one_line(tmp_path: Path) -> None:
    exported = command("fashion_mnist.export", "--weights", str(tmp_path), "--into", str(tmp_path))
    assert exported.returncode == 1
    assert "run `python -m examples.fashion_mnist.train` first" in exported.stderr.splitlines()[-1]


@pytest.mark.parametrize("module", ["sensor.evaluate", "fashion_mnist.evaluate"])
def test_a_folder_without_artifacts_is_named_in_one_line(tmp_path: Path, few_images: Path, module: str) -> None:
    measured = command(module, "--folder", str(tmp_path), data=few_images)
    assert measured.returncode == 1
    assert str(tmp_path) in measured.stderr.splitlines()[-1]


@pytest.mark.parametrize("module", ["fashion_mnist.evaluate", "sensor.evaluate"])
def test_a_command_explains_itself(module: str) -> None:
    helped = command(module, "--help")
    assert helped.returncode == 0
    assert f"python -m examples.{module}" in helped.stdout
