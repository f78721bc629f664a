"""What every backend promises, run over all of them. tflite-runtime's part runs in its own environment."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from agent.backends.protocol import LoadedSubModel, Outputs
from shared.documents import DType, TensorSpec
from shared.errors import ModelError
from tests.agent.backends import tiny
from tests.agent.backends.conftest import EVERY, Kit

FRAMEWORKS = ("ai_edge_litert", "tflite_runtime", "tensorflow", "keras", "torch")


def assert_right(outputs: Outputs, images: tiny.Floats) -> None:
    assert outputs.features is not None
    np.testing.assert_allclose(outputs.features, tiny.features(images), rtol=1e-4, atol=1e-6)
    assert_right_exit(outputs, images)
    assert outputs.features.dtype == np.float32


def assert_right_exit(outputs: Outputs, images: tiny.Floats) -> None:
    assert outputs.exit is not None
    assert outputs.exit.dtype == np.float32
    np.testing.assert_allclose(outputs.exit, tiny.exit(images), rtol=1e-4, atol=1e-6)


def test_every_batch_size_gives_the_numbers_of_plain_numpy(kit: Kit) -> None:
    loaded = kit.load()
    for count in (1, 3, 64, 1):
        assert_right(loaded.infer(tiny.batch(count)), tiny.batch(count))


def test_the_tensors_found_are_those_of_the_manifest(kit: Kit) -> None:
    assert dict(kit.load().tensors) == {"input": tiny.INPUT, "exit": tiny.EXIT, "features": tiny.FEATURES}


def test_outputs_belong_to_the_caller(kit: Kit) -> None:
    loaded, images = kit.load(), tiny.batch(3)
    first = loaded.infer(images)
    assert first.exit is not None
    assert first.features is not None
    loaded.infer(tiny.batch(3)[::-1].copy())
    assert_right(first, images)
    first.exit.fill(7)
    first.features.fill(7)
    assert_right(loaded.infer(images), images)
    assert not np.shares_memory(first.features, images)


def test_a_batch_may_be_read_only_or_have_gaps(kit: Kit) -> None:
    loaded, images = kit.load(), tiny.batch(6)
    received = np.frombuffer(images.tobytes(), np.float32).reshape(images.shape)
    assert not received.flags.writeable
    assert_right(loaded.infer(received), images)
    assert_right(loaded.infer(images[::2]), images[::2])


def test_an_output_the_manifest_does_not_name_is_left_unread(kit: Kit) -> None:
    outputs = kit.load(manifest=tiny.sub_model(kit.format, features=None)).infer(tiny.batch(2))
    assert outputs.features is None
    assert_right_exit(outputs, tiny.batch(2))


def test_the_name_of_an_only_output_does_not_matter(kit: Kit) -> None:
    outputs = kit.load("exit_only", tiny.sub_model(kit.format, features=None)).infer(tiny.batch(2))
    assert_right_exit(outputs, tiny.batch(2))


def test_a_file_for_batches_of_one_record_takes_any_batch(kit: Kit) -> None:
    loaded = kit.load("one_by_one")
    for count in (3, 1):
        assert_right(loaded.infer(tiny.batch(count)), tiny.batch(count))


def test_any_thread_may_infer_one_at_a_time(kit: Kit) -> None:
    loaded = kit.load()
    for _ in range(4):
        with ThreadPoolExecutor(1) as thread:
            assert_right(thread.submit(loaded.infer, tiny.batch(5)).result(), tiny.batch(5))


def test_two_sub_models_infer_at_the_same_time(kit: Kit) -> None:
    with ThreadPoolExecutor(2) as threads:
        for count, outputs in threads.map(lambda loaded: infer_often(loaded), [kit.load(), kit.load()]):
            assert_right(outputs, tiny.batch(count))


def infer_often(loaded: LoadedSubModel) -> tuple[int, Outputs]:
    for count in (1, 17, 5) * 20:
        assert_right(loaded.infer(tiny.batch(count)), tiny.batch(count))
    return 5, loaded.infer(tiny.batch(5))


def test_closing_twice_is_closing_once(kit: Kit) -> None:
    loaded = kit.load()
    loaded.close()
    loaded.close()
    with pytest.raises(ModelError, match="closed"):
        loaded.infer(tiny.batch(1))


def test_closing_one_sub_model_leaves_another_be(kit: Kit) -> None:
    first, second = kit.load(), kit.load()
    first.close()
    assert_right(second.infer(tiny.batch(2)), tiny.batch(2))


@pytest.mark.parametrize(
    "wrong",
    [np.zeros((2, 6, 6), np.float32), np.zeros((2, 6, 6, 1), np.float64), np.zeros((0, 6, 6, 1), np.float32)],
    ids=["shape", "dtype", "empty"],
)
def test_a_wrong_batch_is_refused_and_the_next_one_served(kit: Kit, wrong: np.ndarray) -> None:
    loaded = kit.load()
    with pytest.raises(ModelError, match=r"float32 \[6, 6, 1\] by record"):
        loaded.infer(wrong)
    assert_right(loaded.infer(tiny.batch(2)), tiny.batch(2))


def spec(*shape: int, dtype: DType = DType.FLOAT32) -> TensorSpec:
    return TensorSpec(dtype=dtype, shape=shape)


@pytest.mark.parametrize(
    ("change", "both"),
    [
        ({"input": spec(7, 6, 1)}, ("[6, 6, 1] in the file", "[7, 6, 1] in the manifest")),
        ({"input": spec(6, 6, 1, dtype=DType.INT64)}, ("float32 [6, 6, 1] in the file", "int64 [6, 6, 1]")),
        ({"exit": spec(4)}, ("exit is float32 [3] in the file", "float32 [4] in the manifest")),
        ({"features": spec(4, 4, 3)}, ("features is float32 [4, 4, 2] in the file", "[4, 4, 3] in the manifest")),
        ({"features": spec(32)}, ("features is float32 [4, 4, 2] in the file", "[32] in the manifest")),
    ],
    ids=["input shape", "input dtype", "exit shape", "features shape", "features rank"],
)
def test_a_manifest_that_differs_is_refused_with_both(
    kit: Kit, change: dict[str, TensorSpec], both: tuple[str, str]
) -> None:
    manifest = tiny.sub_model(kit.format, **change)
    with pytest.raises(ModelError) as caught:
        kit.load(manifest=manifest)
    for part in both:
        assert part in str(caught.value)


def test_a_missing_output_is_refused_with_the_names_there_are(kit: Kit) -> None:
    with pytest.raises(ModelError, match="exit, features; the file has"):
        kit.load("exit_only")


@pytest.mark.parametrize(
    "content",
    [b"", b"not a model at all, but longer than any header", b"\0" * 4096, b"PK\5\6" + b"\0" * 18],
    ids=["empty", "text", "zeros", "empty zip"],
)
def test_what_is_no_model_is_refused_in_one_line(kit: Kit, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "artifact"
    path.write_bytes(content)
    assert_refused(kit, path)


def test_a_missing_file_is_refused(kit: Kit, tmp_path: Path) -> None:
    assert_refused(kit, tmp_path / "nowhere")


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_file_is_refused_and_the_process_lives(kit: Kit, tmp_path: Path, kept: float) -> None:
    content = kit.files["both"].read_bytes()
    path = tmp_path / "artifact"
    path.write_bytes(content[: int(len(content) * kept)])
    assert_refused(kit, path)


def assert_refused(kit: Kit, path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        kit.backend.load(path, tiny.sub_model(kit.format), threads=1)
    assert "\n" not in str(caught.value)


def test_a_file_named_by_its_digest_alone_is_loaded(kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / ("a" * 64)
    path.write_bytes(kit.files["both"].read_bytes())
    loaded = kit.backend.load(path, tiny.sub_model(kit.format), threads=2)
    assert_right(loaded.infer(tiny.batch(4)), tiny.batch(4))


@pytest.mark.parametrize("name", EVERY)
def test_neither_importing_a_backend_nor_asking_its_version_imports_a_framework(name: str) -> None:
    script = f"""
import sys
from agent.backends.registry import _make, available
assert {name!r} in available(), available()
assert _make({name!r}).version()[0].isdigit()
print([name for name in {FRAMEWORKS!r} if name in sys.modules])
"""
    outcome = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert outcome.stdout.strip() == "[]", outcome.stderr
