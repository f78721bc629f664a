"""The committed files can be made again."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulations.paper import networks
from simulations.paper.networks.figures import table

ROOT = Path(networks.__file__).parent


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_making_them_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """In a process of its own: TensorFlow writes to the terminal, and warns."""
    command = [sys.executable, "-m", "simulations.paper.networks.make", "--into", str(tmp_path)]
    subprocess.run(command, check=True, capture_output=True)
    made = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(made) == 15
    different = [path for path in made if path.read_bytes() != (ROOT / path.relative_to(tmp_path)).read_bytes()]
    assert different == []


def test_the_readme_has_the_figures_of_the_manifests() -> None:
    assert table() in (ROOT / "README.md").read_text(encoding="utf-8")
