"""The committed planted network can be made again."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from agent.backends.litert import LiteRTBackend
from examples import manifests
from simulations.paper import networks
from simulations.paper.networks.figures import table

ROOT = Path(networks.__file__).parent


def answers(folder: Path, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The last exit's, through all sub-models, with nothing encoded between them."""
    tensor: NDArray[np.generic] = images
    for sub_model in manifests.read(folder).sub_models:
        outputs = LiteRTBackend().load(folder / sub_model.artifacts[0].file, sub_model, threads=1).infer(tensor)
        passed_on = outputs.exit if outputs.features is None else outputs.features
        assert passed_on is not None
        tensor = passed_on
    return np.asarray(tensor, dtype=np.float32)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_made_again_it_answers_the_same(tmp_path: Path) -> None:
    """In a process of its own: TensorFlow writes to the terminal, and warns. Bytes may differ: processors round."""
    command = [sys.executable, "-m", "simulations.paper.networks.make", "--only", "branchynet", "--into", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    made, committed = tmp_path / "branchynet", ROOT / "branchynet"
    with np.load(made / "sample.npz") as again, np.load(committed / "sample.npz") as before:
        images = before["images"]
        assert all(np.array_equal(again[name], before[name]) for name in ("images", "labels", "leaves"))
    for scenario in ("edge-fog-cloud", "edge-cloud", "cloud"):
        assert np.allclose(answers(made / scenario, images), answers(committed / scenario, images), atol=1e-4)


def test_the_readme_has_the_figures_of_the_manifests() -> None:
    assert table() in (ROOT / "README.md").read_text(encoding="utf-8")
