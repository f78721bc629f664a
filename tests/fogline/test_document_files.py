"""Documents from files: JSON, TOML and YAML give the same, and errors name file and field."""

import json
from pathlib import Path

import pytest

from fogline.document_files import read_document
from shared.documents import Deployment
from shared.errors import DocumentError, SettingsError

TOML = """
name = "fashion"
model = "fashion-mnist"

[[tiers]]
tier = "edge"
cluster = "local"
exit = { threshold = 0.5 }
"""
YAML = """
name: fashion
model: fashion-mnist
tiers:
  - {tier: edge, cluster: local, exit: {threshold: 0.5}}
"""
JSON = {"name": "fashion", "model": "fashion-mnist", "tiers": [{"tier": "edge", "cluster": "local"}]}


def test_toml_yaml_and_json_give_the_same_document(tmp_path: Path) -> None:
    tier = {"tier": "edge", "cluster": "local", "exit": {"threshold": 0.5}}
    (tmp_path / "a.toml").write_text(TOML)
    (tmp_path / "a.json").write_text(json.dumps({**JSON, "tiers": [tier]}))
    (tmp_path / "a.yaml").write_text(YAML)
    (toml, given, yaml) = (read_document(tmp_path / f"a.{kind}", Deployment) for kind in ("toml", "json", "yaml"))
    assert toml == given == yaml


@pytest.mark.parametrize("name", ["a.toml", "a.json"])
def test_a_wrong_field_is_named_with_its_file(tmp_path: Path, name: str) -> None:
    wrong = {**JSON, "tiers": [{"tier": "edge", "cluster": "local", "threads": "two"}]}
    text = TOML + 'threads = "two"' if name == "a.toml" else json.dumps(wrong)
    (tmp_path / name).write_text(text)
    with pytest.raises(DocumentError, match=rf"tiers\[0\]\.threads: in .*{name}: Expected `int`") as caught:
        read_document(tmp_path / name, Deployment)
    assert caught.value.field == "tiers[0].threads"


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.toml", b"name ="), ("a.toml", b"\xff"), ("a.json", b"{"), ("a.yml", b"a: ["), ("a.yml", b"? [a]\n: 1")],
)
def test_what_cannot_be_parsed_is_a_document_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentError, match=f"{name}: not "):
        read_document(tmp_path / name, Deployment)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere cannot be read"):
        read_document(tmp_path / "nowhere", Deployment)
    with pytest.raises(SettingsError, match="Is a directory"):
        read_document(tmp_path, Deployment)


def test_what_a_schema_cannot_say_is_said_of_the_file_too(tmp_path: Path) -> None:
    def refuse(found: Deployment) -> None:
        raise DocumentError("of no use", field="model")

    (tmp_path / "a.toml").write_text(TOML)
    with pytest.raises(DocumentError, match=r"model: in .*a\.toml: of no use"):
        read_document(tmp_path / "a.toml", Deployment, also=refuse)
