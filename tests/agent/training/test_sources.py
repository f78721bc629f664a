"""A task names one file or the files of a chain, and a run is another when any of them is."""

from pathlib import Path

import pytest

from agent.training.task import TierSource, TrainingTask, source_content, sources
from shared.documents import decode
from shared.errors import DocumentError, ModelError

CHAIN = TrainingTask(
    shelf="shelf", source=(TierSource(tier="edge", file="edge.py"), TierSource(tier="cloud", file="cloud.py"))
)


def write(folder: Path, **files: str) -> Path:
    for name, content in files.items():
        (folder / f"{name}.py").write_text(content)
    return folder


def test_both_kinds_of_source_are_read() -> None:
    one = decode(b'{"shelf": "shelf", "source": "network.py"}', TrainingTask)
    assert one.source == "network.py"
    chain = (
        b'{"shelf": "shelf", "source": [{"tier": "edge", "file": "edge.py"}, {"tier": "cloud", "file": "cloud.py"}]}'
    )
    assert decode(chain, TrainingTask) == CHAIN


def test_files_lie_in_the_folder_of_the_task_in_the_order_of_the_tiers(tmp_path: Path) -> None:
    assert sources(tmp_path, TrainingTask(shelf="shelf", source="network.py")) == tmp_path / "network.py"
    found = sources(tmp_path, CHAIN)
    assert found == {"edge": tmp_path / "edge.py", "cloud": tmp_path / "cloud.py"}
    assert isinstance(found, dict)
    assert list(found) == ["edge", "cloud"]


def test_a_chain_is_another_when_a_file_changes_or_the_order_does(tmp_path: Path) -> None:
    folder = write(tmp_path, edge="1", cloud="2")
    contents = {source_content(sources(folder, CHAIN))}
    contents.add(source_content({"cloud": folder / "cloud.py", "edge": folder / "edge.py"}))
    write(folder, edge="3")
    contents.add(source_content(sources(folder, CHAIN)))
    write(folder, edge="2", cloud="1")
    contents.add(source_content(sources(folder, CHAIN)))
    assert len(contents) == 4


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"cloud\.py: no such file"):
        source_content(sources(write(tmp_path, edge="1"), CHAIN))


@pytest.mark.parametrize(
    "source",
    [
        "[]",
        '[{"tier": "edge", "file": "a.py"}, {"tier": "edge", "file": "b.py"}]',
        '[{"tier": "Edge!", "file": "a.py"}]',
    ],
)
def test_tiers_are_named_once_and_as_tiers_are(source: str) -> None:
    with pytest.raises(DocumentError):
        decode(f'{{"shelf": "shelf", "source": {source}}}', TrainingTask)
