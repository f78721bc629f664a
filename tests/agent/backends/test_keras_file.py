"""Configurations that would run their author's code, refused before Keras is imported."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agent.backends import keras_file
from shared.errors import ModelError
from tests.agent.backends import tiny
from tests.agent.backends.conftest import Kit

Config = dict[str, Any]


def layer(name: str, module: str | None = "keras.layers", **more: object) -> Config:
    return {"module": module, "class_name": name, "config": {}, "registered_name": None, **more}


def sequential(*layers: Config) -> Config:
    return {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}, "registered_name": None}


def written(path: Path, config: object, **others: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", b"weights")
        for name, content in others.items():
            archive.writestr(name, content)
    return path


def test_known_layers_pass_and_training_is_dropped(tmp_path: Path) -> None:
    nested = sequential(layer("Dense", compile_config={"loss": layer("Custom", "evil")}))
    config = {**sequential(layer("Flatten"), nested), "compile_config": {"optimizer": layer("Custom", "evil")}}
    rebuilt = keras_file.checked(written(tmp_path / "model", config))
    with zipfile.ZipFile(io.BytesIO(rebuilt)) as archive:
        assert archive.read("model.weights.h5") == b"weights"
        assert b"evil" not in archive.read("config.json")


@pytest.mark.parametrize(
    "evil",
    [
        layer("Lambda"),
        layer("TorchModuleWrapper"),
        layer("TFSMLayer"),
        layer("JaxLayer"),
        layer("StringLookup"),
        layer("system", "os"),
        layer("Dense", "my_package.layers"),
        layer("get_file", "keras.utils"),
        layer("load_model", "keras.saving"),
        layer("Custom", None),
        layer("__lambda__", None),
        layer("__typespec__", None),
        layer("Dense", registered_name="mine>Dense"),
        layer("Map", "keras.src.ops.core"),
        layer("function", "os", config="system"),
        {"class_name": "Lambda", "config": {}},
        {"class_name": ["Dense"], "module": "keras.layers", "config": {}},
        {"spec_name": "TensorSpec", "module": "tensorflow", "config": []},
    ],
    ids=lambda config: f"{config.get('module')}.{config.get('class_name')}",
)
@pytest.mark.parametrize("depth", [0, 1, 3])
def test_an_unknown_class_is_refused_however_deep(tmp_path: Path, evil: Config, depth: int) -> None:
    for _ in range(depth):
        evil = sequential(layer("Flatten"), layer("Bidirectional", config={"layer": evil}))
    with pytest.raises(ModelError, match=r"not among the layers|refused"):
        keras_file.checked(written(tmp_path / "model", evil))


@pytest.mark.parametrize("name", ["assets/vocabulary.txt", "code.py", "model.weights.npz"])
def test_anything_beside_the_weights_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ModelError, match="beside its weights"):
        keras_file.checked(written(tmp_path / "model", sequential(), **{name: b"x"}))


def test_a_configuration_without_an_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "deep"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", "[" * 100_000)
        archive.writestr("model.weights.h5", b"")
    with pytest.raises(ModelError, match="cannot be read"):
        keras_file.checked(path)


def test_an_archive_without_weights_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "empty", "w") as archive:
        archive.writestr("config.json", "{}")
    with pytest.raises(ModelError, match=r"no \.keras file"):
        keras_file.checked(tmp_path / "empty")


@pytest.mark.slow
def test_a_model_with_a_lambda_made_by_keras_itself_is_refused(keras_kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / "lambda.keras"
    script = f"""
import keras
images = keras.Input({tiny.INPUT.shape!r})
keras.Model(images, keras.layers.Lambda(lambda x: x)(images)).save({str(path)!r})
"""
    subprocess.run([sys.executable, "-c", script], check=True, capture_output=True)
    with pytest.raises(ModelError, match="Lambda"):
        keras_kit.backend.load(path, tiny.sub_model(keras_kit.format), threads=1)


@pytest.mark.slow
def test_weights_of_another_network_are_refused_in_one_line(keras_kit: Kit, tmp_path: Path) -> None:
    with zipfile.ZipFile(keras_kit.files["both"]) as archive:
        config = json.loads(archive.read("config.json"))
    path = written(tmp_path / "model", config)
    with pytest.raises(ModelError, match="cannot be loaded by Keras") as caught:
        keras_kit.backend.load(path, tiny.sub_model(keras_kit.format), threads=1)
    assert "\n" not in str(caught.value)
