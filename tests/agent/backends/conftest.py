"""One kit for each backend: the same tiny network in the files it reads."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.backends.protocol import Backend, LoadedSubModel
from agent.backends.registry import choose
from shared.documents import ArtifactFormat, SubModel
from tests.agent.backends import tiny

HERE = Path(__file__).parent
NETWORKS = HERE / "networks"
FLATBUFFER = {"both": "float32", "exit_only": "exit_only", "one_by_one": "one_by_one"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kit:
    """`files`: `both` has two outputs, `exit_only` one of another name; `one_by_one` takes one record a batch."""

    backend: Backend
    format: ArtifactFormat
    files: dict[str, Path]

    def load(self, file: str = "both", manifest: SubModel | None = None) -> LoadedSubModel:
        return self.backend.load(self.files[file], manifest or tiny.sub_model(self.format), threads=1)


FORMATS = {
    "litert": ArtifactFormat.TFLITE,
    "tflite": ArtifactFormat.TFLITE,
    "keras": ArtifactFormat.KERAS,
    "torch": ArtifactFormat.TORCH,
}
EVERY = [
    "litert",
    pytest.param("tflite", marks=pytest.mark.tflite),
    pytest.param("keras", marks=pytest.mark.slow),
    pytest.param("torch", marks=pytest.mark.slow),
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """tflite-runtime has an environment of its own: its tests run, and fail without it, only when `-m` names them.

    The first test of a framework waits for its import, which takes TensorFlow half a minute on a busy machine.
    """
    for item in items:
        if item.path.is_relative_to(HERE) and item.get_closest_marker("slow"):
            item.add_marker(pytest.mark.timeout(240))
    if "tflite" in config.option.markexpr:
        return
    elsewhere = [item for item in items if item.get_closest_marker("tflite")]
    items[:] = [item for item in items if item not in elsewhere]
    config.hook.pytest_deselected(items=elsewhere)


@pytest.fixture(scope="session", params=EVERY)
def kit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return make_kit(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session", params=EVERY[:2])
def flatbuffer_kit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return make_kit(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="session")
def torch_kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return make_kit("torch", tmp_path_factory.mktemp("torch"))


@pytest.fixture(scope="session")
def keras_kit(tmp_path_factory: pytest.TempPathFactory) -> Kit:
    return make_kit("keras", tmp_path_factory.mktemp("keras"))


def make_kit(name: str, folder: Path) -> Kit:
    artifact_format = FORMATS[name]
    return Kit(backend=choose(artifact_format, name), format=artifact_format, files=make_files(name, folder))


def make_files(name: str, folder: Path) -> dict[str, Path]:
    """The committed files are copied, so that no test can change them. The others are made here."""
    if FORMATS[name] is ArtifactFormat.TFLITE:
        shutil.copytree(NETWORKS, folder, dirs_exist_ok=True)
        named = {path.stem: path for path in folder.glob("*.tflite")}
        return {**named, **{role: named[file] for role, file in FLATBUFFER.items()}}
    command = [sys.executable, "-m", f"tests.agent.backends.{name}_networks", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    return {path.stem: path for path in folder.iterdir()}
