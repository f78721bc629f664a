"""What only `.tflite` files have: integers that stand for reals, and interpreters that die of a bad file."""

import random
from pathlib import Path

import numpy as np
import pytest

from shared.documents import DType, TensorSpec
from shared.errors import ModelError
from tests.agent.backends import tiny
from tests.agent.backends.conftest import Kit

INT8_INPUT = TensorSpec(dtype=DType.INT8, shape=tiny.INPUT.shape)
INT8_EXIT = TensorSpec(dtype=DType.INT8, shape=tiny.EXIT.shape)
INT8_FEATURES = TensorSpec(dtype=DType.INT8, shape=tiny.FEATURES.shape)


@pytest.mark.parametrize("file", ["int8", "uint8_in"])
def test_reals_pass_the_border_of_an_integer_network(flatbuffer_kit: Kit, file: str) -> None:
    outputs = flatbuffer_kit.load(file).infer(tiny.batch(64))
    assert outputs.exit is not None
    assert outputs.features is not None
    np.testing.assert_allclose(outputs.exit, tiny.exit(tiny.batch(64)), atol=0.02)
    np.testing.assert_allclose(outputs.features, tiny.features(tiny.batch(64)), atol=0.05)
    assert outputs.exit.dtype == outputs.features.dtype == np.float32


def test_integers_pass_untouched_where_the_manifest_names_them(flatbuffer_kit: Kit) -> None:
    manifest = tiny.sub_model(flatbuffer_kit.format, input=INT8_INPUT, exit=INT8_EXIT, features=INT8_FEATURES)
    integers = (np.rint(tiny.batch(5) * 255) - 128).astype(np.int8)
    raw = flatbuffer_kit.load("int8", manifest).infer(integers)
    reals = flatbuffer_kit.load("int8").infer(tiny.batch(5))
    assert raw.exit is not None
    assert raw.exit.dtype == np.int8
    np.testing.assert_allclose((raw.exit.astype(np.float32) + 128) / 256, reals.exit)  # type: ignore[arg-type]


def test_pixels_go_in_as_bytes(flatbuffer_kit: Kit) -> None:
    manifest = tiny.sub_model(flatbuffer_kit.format, input=tiny.PIXELS)
    pixels = np.rint(tiny.batch(7) * 255).astype(np.uint8)
    outputs = flatbuffer_kit.load("pixels", manifest).infer(pixels)
    np.testing.assert_allclose(outputs.exit, tiny.exit(pixels / np.float32(255)), rtol=1e-4)  # type: ignore[arg-type]


def test_floats_are_not_guessed_into_plain_integers(flatbuffer_kit: Kit) -> None:
    with pytest.raises(ModelError, match=r"input is uint8 .* in the file, float32"):
        flatbuffer_kit.load("pixels")


def test_closing_gives_the_memory_back(flatbuffer_kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / ("a" * 64)
    path.write_bytes(flatbuffer_kit.files["both"].read_bytes())
    before = 0
    for repetition in range(350):
        loaded = flatbuffer_kit.backend.load(path, tiny.sub_model(flatbuffer_kit.format), threads=1)
        loaded.infer(tiny.batch(64))
        loaded.close()
        before = resident_kib() if repetition < 50 else before
    assert resident_kib() - before < 8 * 1024


def resident_kib() -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1])


@pytest.mark.parametrize(("name", "notes"), [("a" * 64, 1), ("edge.tflite", 0)])
def test_only_what_is_named_by_its_digest_is_remembered(
    flatbuffer_kit: Kit, tmp_path: Path, name: str, notes: int
) -> None:
    path = tmp_path / name
    path.write_bytes(flatbuffer_kit.files["both"].read_bytes())
    for _ in range(2):
        flatbuffer_kit.backend.load(path, tiny.sub_model(flatbuffer_kit.format), threads=1)
    found = [one.name for one in tmp_path.iterdir() if one != path]
    assert len(found) == notes
    assert all(flatbuffer_kit.backend.version() in one for one in found)


@pytest.mark.parametrize("flatbuffer_kit", [pytest.param("tflite", marks=pytest.mark.tflite)], indirect=True)
def test_a_file_that_kills_the_interpreter_kills_another_process(flatbuffer_kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / ("a" * 64)
    path.write_bytes(flatbuffer_kit.files["both"].read_bytes()[:8] + random.Random(1).randbytes(2000))
    with pytest.raises(ModelError, match=r"crash \(signal"):
        flatbuffer_kit.backend.load(path, tiny.sub_model(flatbuffer_kit.format), threads=1)
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def with_flipped_bytes(kit: Kit, folder: Path, seed: int) -> Path:
    dice = random.Random(seed)
    content = bytearray(kit.files["both"].read_bytes())
    for _ in range(3):
        content[dice.randrange(8, len(content))] = dice.randrange(256)
    path = folder / "artifact"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("flatbuffer_kit", [pytest.param("tflite", marks=pytest.mark.tflite)], indirect=True)
@pytest.mark.parametrize("seed", [5, 9, 13, 33])
def test_a_file_that_only_sometimes_kills_is_always_refused(flatbuffer_kit: Kit, tmp_path: Path, seed: int) -> None:
    """Its offsets lead out of it: what lies there is another thing in every process."""
    path = with_flipped_bytes(flatbuffer_kit, tmp_path, seed)
    for _ in range(3):
        with pytest.raises(ModelError, match=r"crash \(signal"):
            flatbuffer_kit.backend.load(path, tiny.sub_model(flatbuffer_kit.format), threads=1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_file_with_flipped_bytes_is_loaded_or_refused(flatbuffer_kit: Kit, tmp_path: Path, seed: int) -> None:
    path = with_flipped_bytes(flatbuffer_kit, tmp_path, seed)
    try:
        flatbuffer_kit.backend.load(path, tiny.sub_model(flatbuffer_kit.format), threads=1).close()
    except ModelError as error:
        assert "\n" not in str(error)
