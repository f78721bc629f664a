"""What was made is found again, unless it is another export's or damaged."""

from pathlib import Path

from agent.training.exporting.artifacts import Artifacts
from shared.documents import ExportForm, Precision

FLOAT32, INT8 = ExportForm(), ExportForm(precision=Precision.INT8)


def test_an_artifact_is_found_by_the_next_process(tmp_path: Path) -> None:
    made = Artifacts(tmp_path, "one").made("edge", FLOAT32, lambda: b"network")
    artifacts = Artifacts(tmp_path, "one")
    assert artifacts.found("edge", FLOAT32) == made
    assert artifacts.path(made).read_bytes() == b"network"
    assert made.file == f"artifacts/{made.sha256}"
    assert artifacts.found("edge", INT8) is None
    assert artifacts.found("cloud", FLOAT32) is None


def test_of_another_export_nothing_is_found(tmp_path: Path) -> None:
    Artifacts(tmp_path, "one").made("edge", FLOAT32, lambda: b"network")
    assert Artifacts(tmp_path, "two").found("edge", FLOAT32) is None


def test_what_is_damaged_or_gone_is_made_again(tmp_path: Path) -> None:
    made = Artifacts(tmp_path, "one").made("edge", FLOAT32, lambda: b"network")
    artifacts = Artifacts(tmp_path, "one")
    artifacts.path(made).write_bytes(b"something else")
    assert artifacts.found("edge", FLOAT32) is None
    artifacts.path(made).unlink()
    assert artifacts.found("edge", FLOAT32) is None
    (tmp_path / "artifacts" / "made").write_bytes(b"damaged")
    assert Artifacts(tmp_path, "one").found("edge", FLOAT32) is None
