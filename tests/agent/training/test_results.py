"""What a run leaves is whole, or it is made again."""

from pathlib import Path

import numpy as np
import pytest

from agent.training import results
from agent.training.fitting.scores import Score
from agent.training.results import History, Results
from shared.documents import Description, DType, Framework, TensorSpec
from shared.errors import DocumentError

NETWORK = Description(
    framework=Framework.KERAS,
    input=TensorSpec(dtype=DType.UINT8, shape=(2,)),
    exits=(),
    layers=(),
    cuts=(),
    parameters=0,
)


def write(folder: Path) -> Results:
    return results.write(
        folder,
        "one",
        weights={"kernel": np.ones(3)},
        description=NETWORK,
        judgements=None,
        history=History(exits=("cloud",), epochs=(), best=None),
        test={"cloud": Score(loss=0.5, accuracy=0.75)},
        records=90,
        steps=6,
        validation={"cloud": Score(loss=0.4, accuracy=0.8)},
    )


def test_what_was_written_is_found(tmp_path: Path) -> None:
    assert results.found(tmp_path, "one") is None
    written = write(tmp_path)
    assert results.found(tmp_path, "one") == written
    assert (written.records, written.steps, written.validation["cloud"].loss) == (90, 6, 0.4)
    assert set(written.files) == {"weights.npz", "description.json", "history.json"}


@pytest.mark.parametrize("name", ["weights.npz", "description.json", "history.json", "done"])
def test_where_a_part_of_it_is_damaged_it_was_not_done(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    (tmp_path / name).write_bytes(b"something else")
    assert results.found(tmp_path, "one") is None


@pytest.mark.parametrize("name", ["weights.npz", "description.json"])
def test_where_a_part_of_it_is_gone_it_was_not_done(tmp_path: Path, name: str) -> None:
    write(tmp_path)
    (tmp_path / name).unlink()
    assert results.found(tmp_path, "one") is None


def test_results_of_another_run_are_not_written_over(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(DocumentError, match="give this run a folder of its own"):
        results.found(tmp_path, "two")
