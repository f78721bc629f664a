"""What a run's folder is taken to hold, whatever its network's code has left there."""

import os
from pathlib import Path

import pytest

from agent import checked_file
from agent.training.exporting.results import Exported
from agent.training.results import Results
from agent.training.running.harvest import harvested
from agent.training.running.outcome import CrashedError, HopelessError
from shared.documents import Artifact, ArtifactFormat, Cluster, DType, ModelManifest, SubModel, TensorSpec, encode
from tests.agent.training.running.attempts import announced, training

RUN = training(Cluster(name="here", bootstrap_servers=("localhost:1",)), announced("stream", end=10))
DIGEST = "0" * 64


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run-1"
    folder.mkdir()
    (tmp_path / "credential").write_text("secret")
    return folder


def leave(folder: Path, *, artifact: str = "edge.tflite", file: str = "weights.npz") -> None:
    """As if all had gone well."""
    results = Results(run="r", epochs=1, exits=("edge",), test={}, files={file: DIGEST})
    checked_file.write(folder / "done", encode(results))
    checked_file.write(folder / "exported", encode(Exported(export="e", files={})))
    tensor = TensorSpec(dtype=DType.UINT8, shape=(2,))
    written = Artifact(sha256=DIGEST, size_bytes=6, format=ArtifactFormat.TFLITE, file=artifact)
    manifest = ModelManifest(
        name="net", sub_models=(SubModel(tier="edge", input=tensor, exit=tensor, artifacts=(written,)),)
    )
    (folder / "manifest.json").write_bytes(encode(manifest))


@pytest.mark.parametrize("name", ["done", "exported", "manifest.json", "edge.tflite", "weights.npz"])
def test_a_link_out_of_the_folder_is_not_followed(folder: Path, name: str) -> None:
    leave(folder)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(folder.parent / "credential")
    (folder / "edge.tflite").touch()
    with pytest.raises(HopelessError, match=f"'{name}' is no file in the run's folder"):
        harvested(folder, RUN)


@pytest.mark.parametrize("name", ["done", "manifest.json", "weights.npz"])
def test_a_pipe_is_not_waited_for(folder: Path, name: str) -> None:
    leave(folder)
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    (folder / "edge.tflite").touch()
    with pytest.raises(HopelessError, match=f"'{name}' is no file in the run's folder"):
        harvested(folder, RUN)


@pytest.mark.parametrize("elsewhere", ["../credential", "/etc/passwd"])
def test_a_path_out_of_the_folder_is_not_taken(folder: Path, elsewhere: str) -> None:
    leave(folder, file=elsewhere)
    with pytest.raises(HopelessError, match="is no file in the run's folder"):
        harvested(folder, RUN)
    leave(folder, artifact=elsewhere)
    with pytest.raises(HopelessError, match="is no file in the run's folder"):
        harvested(folder, RUN)


def test_code_that_ends_its_process_has_left_no_result(folder: Path) -> None:
    with pytest.raises(CrashedError, match="training ended without a result"):
        harvested(folder, RUN)
