"""Registering a model: nothing is sent before every file was found to be what the manifest says."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from shared.client import read_manifest
from shared.client.flow import Answer, Call, Flow
from shared.client.models import Models
from shared.documents import Artifact, ArtifactFormat, DType, ModelManifest, ModelVersion, SubModel, TensorSpec, encode
from shared.errors import ArtifactError, DocumentError, StorageError
from tests.shared.client.stage import Rehearsal

NUMBERS = TensorSpec(dtype=DType.FLOAT32, shape=(4,))
CLASSES = TensorSpec(dtype=DType.FLOAT32, shape=(3,))


def artifact(content: bytes, file: str) -> Artifact:
    return Artifact(
        sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), format=ArtifactFormat.TFLITE, file=file
    )


def manifest(*artifacts: Artifact) -> ModelManifest:
    return ModelManifest(
        name="iris", sub_models=(SubModel(tier="edge", input=NUMBERS, exit=CLASSES, artifacts=artifacts),)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "float.tflite").write_bytes(b"float")
    (tmp_path / "int8.tflite").write_bytes(b"int8")
    return tmp_path


BOTH = manifest(artifact(b"float", "float.tflite"), artifact(b"int8", "int8.tflite"))


def register(document: ModelManifest, folder: Path) -> Flow[ModelVersion]:
    return Models.register.describe(None, document, folder)


def test_artifacts_go_first_then_the_version(folder: Path) -> None:
    version = ModelVersion(manifest=BOTH, version=1, created_at="now")

    def answer(call: Call[Any]) -> Answer:
        there = {"upload-offset": "5", "upload-complete": "?1"}
        return Answer(status=200, headers=there, body=encode(version))

    rehearsal = Rehearsal(answer)
    assert rehearsal.run(register(BOTH, folder)) == version
    assert [call.method for call in rehearsal.calls] == ["HEAD", "HEAD", "POST"]
    assert rehearsal.calls[-1].path == "/v1/models/iris/versions"


def test_one_file_of_two_sub_models_is_sent_once(folder: Path) -> None:
    same = artifact(b"float", "float.tflite")
    version = ModelVersion(manifest=BOTH, version=1, created_at="now")
    there = {"upload-offset": "5", "upload-complete": "?1"}
    rehearsal = Rehearsal(lambda call: Answer(status=200, headers=there, body=encode(version)))
    rehearsal.run(register(manifest(same, same), folder))
    assert [call.method for call in rehearsal.calls] == ["HEAD", "POST"]


@pytest.mark.parametrize(
    ("wrong", "error", "reason"),
    [
        (artifact(b"other", "int8.tflite"), ArtifactError, "has 4 bytes, the manifest says 5"),
        (artifact(b"INT8", "int8.tflite"), ArtifactError, r"SHA-256.*sub_models\[0\]\.artifacts\[1\]"),
        (artifact(b"x", "nowhere.tflite"), StorageError, "nowhere.tflite: No such file"),
        (artifact(b"x", ""), DocumentError, r"sub_models\[0\]\.artifacts\[1\]\.file: must name a file"),
        (artifact(b"x", "../secret"), DocumentError, r"artifacts\[1\]\.file: must name a file"),
        (artifact(b"x", "/etc/hostname"), DocumentError, r"artifacts\[1\]\.file: must name a file"),
    ],
)
def test_nothing_is_sent_when_one_file_is_wrong(
    folder: Path, wrong: Artifact, error: type[Exception], reason: str
) -> None:
    rehearsal = Rehearsal(lambda call: Answer(status=500, headers={}, body=b""))
    with pytest.raises(error, match=reason):
        rehearsal.run(register(manifest(artifact(b"float", "float.tflite"), wrong), folder))
    assert rehearsal.calls == []


def test_a_manifest_is_read_from_its_folder_or_its_file(folder: Path) -> None:
    (folder / "manifest.json").write_bytes(msgspec.json.encode(BOTH))
    assert read_manifest(folder) == read_manifest(folder / "manifest.json") == (BOTH, folder)


def test_a_folder_without_a_manifest_is_named(folder: Path) -> None:
    with pytest.raises(StorageError, match=r"manifest\.json: No such file"):
        read_manifest(folder)
