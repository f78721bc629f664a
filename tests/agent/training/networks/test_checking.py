"""Networks that mean harm, or no harm but fail, looked at in a process of its own."""

from pathlib import Path

import pytest

from agent.training.networks.checking import Allowed, description_of
from shared.errors import ModelError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
ALLOWED = Allowed(seconds=120.0)
TWO_EXITS = """\
import keras
from keras import layers


def network():
    print("this is no part of the description")
    x = keras.Input((8, 8, 1), dtype="uint8")
    low = layers.Conv2D(4, 3, padding="same", name="conv")(layers.Rescaling(1 / 255)(x))
    low = layers.MaxPooling2D(name="low")(low)
    edge = layers.Dense(3, activation="softmax", name="edge")(layers.Flatten()(low))
    high = layers.SeparableConv2D(6, 3, name="high")(low)
    cloud = layers.Dense(3, activation="softmax", name="cloud")(layers.GlobalAveragePooling2D()(high))
    return keras.Model(x, [edge, cloud])
"""


def written(folder: Path, source: str) -> dict[str | None, Path]:
    file = folder / "network.py"
    file.write_text(source)
    return {None: file}


async def mistake(folder: Path, source: str, allowed: Allowed = ALLOWED) -> str:
    with pytest.raises(ModelError) as raised:
        await description_of(written(folder, source), allowed=allowed)
    text = str(raised.value)
    assert "\n" not in text
    assert text.startswith(str(folder / "network.py"))
    return text.removeprefix(str(folder / "network.py"))


async def test_a_network_is_described_with_what_each_layer_costs_and_each_cut_sends(tmp_path: Path) -> None:
    found = await description_of(written(tmp_path, TWO_EXITS), allowed=ALLOWED)
    operations = {layer.name: layer.operations for layer in found.layers}
    assert operations["conv"] == 8 * 8 * 3 * 3 * 1 * 4
    assert operations["high"] == 2 * 2 * (3 * 3 * 4 + 4 * 6)
    assert operations["edge"] == 4 * 4 * 4 * 3
    assert operations["low"] == 0
    assert {cut.name: (cut.features_bytes, cut.exit) for cut in found.cuts}["low"] == (4 * 4 * 4 * 4, "edge")


async def test_a_file_that_loops_for_ever_is_ended_when_its_time_is_over(tmp_path: Path) -> None:
    said = await mistake(tmp_path, "while True:\n    pass\n", Allowed(seconds=5.0))
    assert said.startswith(": still busy after 5 s")


async def test_a_file_that_allocates_without_end_is_ended_with_the_numbers(tmp_path: Path) -> None:
    source = "kept = []\nwhile True:\n    kept.append(bytearray(b'x' * 2**22))\n"
    said = await mistake(tmp_path, source, Allowed(seconds=120.0, memory_bytes=2**30))
    assert "MiB of memory, and may have 1024 MiB" in said


async def test_a_file_that_forks_without_end_is_ended(tmp_path: Path) -> None:
    source = "import os, time\nwhile True:\n    if os.fork() == 0:\n        time.sleep(600)\n"
    said = await mistake(tmp_path, source, Allowed(seconds=120.0, processes=100))
    # Each of them holds what it was forked with: whichever limit they reach first.
    assert "processes" in said or "MiB of memory" in said


async def test_a_file_that_shows_its_environment_shows_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGLINE_CREDENTIAL", "very-secret")
    said = await mistake(tmp_path, "import os\nraise ValueError(sorted(os.environ.items()))\n")
    assert said.startswith(":2: does not import: ValueError: ")
    assert "very-secret" not in said


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("import nothing_like_it\n", ":1: does not import: ModuleNotFoundError"),
        ("import os\ndef network():\n    os._exit(0)\n", ": ended its process before it could be looked at"),
        ("import os\ndef network():\n    os.abort()\n", ": ended by SIGABRT while the network was made"),
    ],
)
async def test_a_file_that_gives_no_network_is_told_of_in_one_line(tmp_path: Path, source: str, why: str) -> None:
    assert (await mistake(tmp_path, source)).startswith(why)


async def test_a_file_that_reads_what_lies_beside_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("very-secret")
    said = await mistake(tmp_path, f"raise ValueError(open({str(tmp_path / 'keys')!r}).read())\n")
    assert said.startswith(":1: does not import: PermissionError: ")
