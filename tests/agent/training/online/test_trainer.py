"""The trainer of an online run as the process it is."""

import signal
from pathlib import Path

import pytest

from agent.training import task
from agent.training.exporting import task as export_task
from agent.training.exporting.task import ExportTask
from agent.training.online import publications
from agent.training.opening import opened
from shared.documents import encode
from tests.agent.training.online.online_runs import WINDOW, checkpoint, give, prepare, said, training, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_killed_in_between_it_learns_from_each_window_once_and_publishes_what_it_would_have(tmp_path: Path) -> None:
    whole, broken = prepare(tmp_path / "whole"), prepare(tmp_path / "broken")
    give(whole, 1, 2, 3)
    give(broken, 1)
    with training(whole) as process:
        heard = until(process, "window", window=3)
    assert [one["window"] for one in heard if one["event"] == "window"] == [1, 2, 3]
    with training(broken) as process:
        until(process, "window", window=1)
        process.send_signal(signal.SIGKILL)
    give(broken, 2, 3)
    with training(broken) as process:
        until(process, "window", window=3)
        process.terminate()
        assert process.wait(30) == 143
    assert checkpoint(broken, 4) == checkpoint(whole, 4)
    one, other = (publications.waiting(folder)[0] for folder in (whole, broken))
    assert one.results == other.results
    assert set(one.results.files) == {"weights.npz", "description.json", "judgements.json", "history.json"}
    run = opened(one.folder)
    assert (run.name, len(run.shelf)) == (one.results.run, WINDOW)
    assert task.read(one.folder).rates.validation == 0.5
    publications.hand_in(whole, one.number)
    assert not one.folder.exists()


def test_a_window_that_is_gone_ends_it_with_a_remedy(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run")
    give(folder, 2)
    with training(folder) as process:
        assert process.wait(60) == 8
        assert process.stderr is not None
        assert b"window 1 is gone" in process.stderr.read()


def test_names_that_are_not_as_many_as_the_classes_end_it_before_it_learns(tmp_path: Path) -> None:
    folder = prepare(tmp_path / "run")
    (folder / export_task.FILE).write_bytes(encode(ExportTask(model="made", labels=("a", "b", "c", "d"))))
    give(folder, 1)
    with training(folder) as process:
        heard = list(said(process))
        assert process.wait(60) == 3
        assert process.stderr is not None
        assert b"labels: 4 names, and exit 'cloud' knows 3 classes" in process.stderr.read().splitlines()[-1]
    assert [one["phase"] for one in heard if one["event"] == "phase"] == ["loading"]
