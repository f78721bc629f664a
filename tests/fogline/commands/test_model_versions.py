"""Versions that runs made: aliases, notes, lineage, download, removal; and what names them."""

import json
from pathlib import Path

import pytest

from shared.documents import RunView
from tests.fogline.commands.conftest import Asked

DEPLOYMENT = """
name = "{name}"
model = "{model}"
tiers = [{{ tier = "edge", cluster = "{name}" }}, {{ tier = "cloud", cluster = "{name}" }}]
"""


@pytest.fixture
def trained(asked: Asked) -> Asked:
    """Two versions of one network."""
    for start in (0, 5000):
        run: RunView = asked.announced(start=start)
        asked.node.finishes(run, {"weights.npz": b"weights"})
    return asked


def test_an_alias_means_one_version_at_a_time(trained: Asked) -> None:
    fogline, name = trained.fogline, trained.name
    assert fogline("models", "alias", name, 1, "production", "--json").document["aliases"] == ["production"]
    assert fogline("models", "show", f"{name}@production", "--json").document["version"] == 1
    assert fogline("models", "alias", name, 2, "production").code == 0
    assert fogline("models", "show", f"{name}@production", "--json").document["version"] == 2
    assert "production" in fogline("models", "list", name).out
    refused = fogline("models", "remove", name, 2)
    assert (refused.code, len(refused.err.splitlines())) == (9, 1)
    assert fogline("models", "unalias", name, "production").out == f"{name}@production is removed.\n"
    said = fogline("models", "show", f"{name}@production")
    assert (said.code, said.err) == (
        2,
        f"fogline: no version of {name} has the alias 'production'; its aliases: none\n",
    )
    assert fogline("models", "remove", name, 2).out == f"{name}/2 is removed.\n"
    assert fogline("models", "show", f"{name}/2").code == 9


def test_a_note_is_for_people(trained: Asked) -> None:
    said = trained.fogline("models", "note", trained.name, 1, "without the second camera")
    assert (said.code, "without the second camera" in said.out) == (0, True)


def test_a_deployment_may_name_an_alias(trained: Asked, tmp_path: Path) -> None:
    fogline, name = trained.fogline, trained.name
    fogline("models", "alias", name, 1, "candidate")
    file = tmp_path / "deployment.toml"
    file.write_text(DEPLOYMENT.format(name=name, model=f"{name}@candidate"))
    put = fogline("deployments", "put", file, "--json")
    assert (put.code, put.err) == (0, "")
    assert put.document["deployment"]["version"] == 1
    fogline("models", "alias", name, 2, "candidate")
    assert fogline("deployments", "show", name, "--json").document["deployment"]["version"] == 1
    file.write_text(DEPLOYMENT.format(name=name, model=name))
    moved = fogline("deployments", "put", file, "--model", f"{name}@candidate", "--json").document
    assert moved["deployment"]["version"] == 2
    assert fogline("deployments", "put", file, "--model", f"{name}@nobody").code == 2
    lineage = fogline("models", "lineage", f"{name}/2", "--json").document
    assert lineage["deployments"] == [name]
    assert fogline("deployments", "delete", name).code == 0


def test_lineage_says_what_a_version_is_made_of(trained: Asked) -> None:
    said = trained.fogline("models", "lineage", f"{trained.name}/1")
    assert (said.code, said.err) == (0, "")
    for word in (f"of request {trained.name}", "keras 3.15.1", "nothing: drawn by the seed", "2 epochs, seed 0"):
        assert word in said.out


def test_a_version_is_fetched_as_a_folder_that_can_be_registered(trained: Asked, tmp_path: Path) -> None:
    to = tmp_path / "version"
    said = trained.fogline("models", "download", f"{trained.name}/1", "--to", to, "--run-files")
    assert (said.code, said.err) == (0, "")
    assert sorted(path.name for path in to.iterdir()) == [
        "cloud-float32.tflite",
        "edge-float32.tflite",
        "manifest.json",
        "weights.npz",
    ]
    manifest = json.loads((to / "manifest.json").read_text())
    (to / "manifest.json").write_text(json.dumps({**manifest, "name": f"{trained.name}-copy"}))
    assert trained.fogline("models", "register", to, "--json").document["version"] == 1
    only = trained.fogline("models", "download", trained.name, "--to", tmp_path / "edge", "--tier", "edge", "--json")
    assert only.document == {"files": [str(tmp_path / "edge" / "edge-float32.tflite")]}
    none = trained.fogline("models", "download", trained.name, "--to", to, "--format", "keras")
    assert (none.code, "has no such artifact" in none.err) == (2, True)


def test_fine_tuning_begins_with_the_version_that_an_alias_means(trained: Asked) -> None:
    fogline, name = trained.fogline, trained.name
    fogline("models", "alias", name, 1, "production")
    options = (
        "--configuration",
        name,
        "--cluster",
        name,
        "--start-from",
        f"{name}@production",
        "--selector",
        "no=node",
    )
    said = fogline("requests", "put", f"{name}-again", *options, "--json")
    assert said.document["start_from"] == {"model": name, "version": 1}


@pytest.mark.parametrize("text", ["digits@", "@production", "digits/0", "digits/new", "digits/1@x", "/3"])
def test_what_names_no_version_is_said(trained: Asked, text: str) -> None:
    said = trained.fogline("models", "show", text)
    assert (said.code, "names no version" in said.err) == (2, True)
