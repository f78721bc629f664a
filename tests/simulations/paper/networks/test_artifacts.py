"""The committed files are what their manifests say, and what their program makes."""

from hashlib import sha256
from pathlib import Path

import pytest

from examples import manifests
from simulations.paper import networks

ROOT = Path(networks.__file__).parent
FOLDERS = sorted(path.parent for path in ROOT.glob("*/*/manifest.json"))

each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: f"{folder.parent.name}-{folder.name}")


def test_the_networks_are_these() -> None:
    assert [str(folder.relative_to(ROOT)) for folder in FOLDERS] == [
        "branchynet/cloud",
        "branchynet/edge-cloud",
        "branchynet/edge-fog-cloud",
        "fashion_mnist/cloud",
        "fashion_mnist/edge-cloud",
    ]


@each_folder
def test_every_artifact_is_what_the_manifest_says(folder: Path) -> None:
    for sub_model in manifests.read(folder).sub_models:
        for artifact in sub_model.artifacts:
            raw = (folder / artifact.file).read_bytes()
            assert (sha256(raw).hexdigest(), len(raw)) == (artifact.sha256, artifact.size_bytes), artifact.file


@each_folder
def test_the_manifest_names_every_artifact(folder: Path) -> None:
    named = {artifact.file for sub_model in manifests.read(folder).sub_models for artifact in sub_model.artifacts}
    assert named == {str(path.relative_to(folder)) for path in (folder / "artifacts").iterdir()}


@each_folder
def test_a_model_is_named_after_its_network_and_its_tiers(folder: Path) -> None:
    manifest = manifests.read(folder)
    assert manifest.name == f"{folder.parent.name}-{folder.name}".replace("_", "-")
    assert "-".join(one.tier for one in manifest.sub_models) == folder.name
