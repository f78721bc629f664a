"""The page's Python is run as it stands, and what it makes is loaded."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from agent.backends.registry import choose
from shared.documents import ModelManifest, decode

PAGE = Path(__file__).parents[3] / "docs" / "bring-your-own-network.md"
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)

pytestmark = pytest.mark.slow


def run(code: str, folder: Path) -> None:
    outcome = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr


def test_every_network_of_the_page_is_loaded_by_its_manifest(tmp_path: Path) -> None:
    *networks, manifest_code = BLOCKS
    assert len(networks) == 3
    for code in networks:
        run(code, tmp_path)
    (tmp_path / "cloud.tflite").write_bytes((tmp_path / "edge.tflite").read_bytes())
    run(manifest_code, tmp_path)
    edge = decode((tmp_path / "manifest.json").read_bytes(), ModelManifest).sub_models[0]
    for artifact in edge.artifacts:
        loaded = choose(artifact.format).load(tmp_path / artifact.file, edge, threads=1)
        outputs = loaded.infer(np.ones((5, 16), np.float32))
        assert outputs.exit is not None
        np.testing.assert_allclose(outputs.exit.sum(axis=1), 1, rtol=1e-5)
