import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.backends.registry import available, choose
from shared.documents import ArtifactFormat
from shared.errors import UnavailableError


def test_the_installed_backends_come_in_order_of_preference() -> None:
    assert available() == ("litert", "keras", "torch")


@pytest.mark.tflite
def test_only_tflite_runtime_is_in_its_environment() -> None:
    assert available() == ("tflite",)
    assert choose(ArtifactFormat.TFLITE).name == "tflite"


def test_the_format_chooses_the_backend() -> None:
    chosen = {each: choose(each).name for each in ArtifactFormat}
    assert chosen == {ArtifactFormat.TFLITE: "litert", ArtifactFormat.KERAS: "keras", ArtifactFormat.TORCH: "torch"}


def test_a_wanted_backend_is_taken() -> None:
    assert choose(ArtifactFormat.TFLITE, "litert").name == "litert"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("onnx", "there is no backend 'onnx': have litert, tflite, keras, torch"),
        ("keras", "reads keras files, not tflite"),
        ("tflite", r"not installed: pip install 'fogline\[tflite\]'"),
    ],
)
def test_a_wanted_backend_that_cannot_is_an_error_with_the_remedy(wanted: str, reason: str) -> None:
    with pytest.raises(UnavailableError, match=reason):
        choose(ArtifactFormat.TFLITE, wanted)


def test_a_backend_of_others_that_cannot_be_imported_leaves_the_rest_alone(tmp_path: Path) -> None:
    info = tmp_path / "broken-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[fogline.backends]\nbroken = broken_backend:Backend\n")
    (tmp_path / "broken_backend.py").write_text("import a_module_nobody_has\n")
    script = "from agent.backends.registry import available, _registered; print('broken' in _registered(), available())"
    outcome = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert outcome.stdout.startswith("True ('litert',")
