"""Runs at the door, against a real control plane and a node that trains nothing."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from fogline.commands.runs import NOT_FINISHED
from shared.documents import RunView, encode
from tests.fogline import judged
from tests.fogline.commands.conftest import Asked
from tests.fogline.stage import await_line
from tests.fogline.training_node import announcement, fitting

LABELS = tuple(f"class {place}" for place in range(judged.CLASSES))


def files(seed: int = 0) -> dict[str, bytes]:
    return {
        "judgements.json": encode(judged.classification(seed=seed, test_set="the same")),
        "history.json": encode(judged.history()),
        "weights.npz": f"weights {seed}".encode(),
    }


@pytest.fixture
def finished(asked: Asked) -> RunView:
    run = asked.announced()
    asked.node.finishes(run, files(), labels=LABELS)
    return run


def test_a_run_is_seen_from_its_stream_to_its_version(asked: Asked) -> None:
    run = asked.announced()
    assert (run.network, run.state) == (asked.name, "running")
    asked.node.report({run.id: fitting(2, done=15)})
    shown = asked.fogline("runs", "show", run.id)
    assert shown.code == 0
    assert "fitting, epoch 2/2, 15/20 (75%), 1,234 records/s" in shown.out
    asked.node.finishes(run, files())
    said = asked.fogline("runs", "show", run.id)
    assert (said.code, said.err) == (0, "")
    assert f"{asked.name}/1" in said.out
    assert "judged on 2,000 records of the test part" in said.out
    assert "weights.npz (9 B)" in said.out
    listed = asked.fogline("runs", "list", "--request", asked.name, "--state", "finished")
    assert "edge 86.0%, cloud 93.0%" in listed.out


def test_following_ends_with_the_run_and_says_what_changed(asked: Asked) -> None:
    """Something happens when what was before has been shown: who follows sees only what is there as it looks."""
    run = asked.announced()
    asked.node.report({run.id: fitting(1, done=5)})

    command = [
        sys.executable,
        "-m",
        "fogline",
        "runs",
        "list",
        "--request",
        asked.name,
        "--follow",
        "--deadline",
        "120",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as following:
        assert following.stdout is not None
        assert following.stderr is not None
        changes = [await_line(following.stderr, "epoch 1/2")]
        asked.node.report({run.id: fitting(2, done=15)})
        changes.append(await_line(following.stderr, "epoch 2/2"))
        asked.node.finishes(run, files())
        changes.append(await_line(following.stderr, "finished"))
        out = following.stdout.read()
    assert following.returncode == 0
    assert all(line.startswith(f"run {run.id} ") for line in changes)
    assert "loss edge 0.5  cloud 0.3" in changes[0]
    assert f"{asked.name}/1" in out


def test_a_run_that_failed_says_why_and_the_exit_code_is_not_nought(asked: Asked) -> None:
    run = asked.announced()
    asked.node.report(failed={run.id: "network.py:2: network() returns nothing"})
    said = asked.fogline("runs", "show", run.id, "--follow", "--json", "--deadline", 30)
    assert said.code == NOT_FINISHED
    assert (said.lines[-1]["state"], said.lines[-1]["reason"]) == ("failed", "network.py:2: network() returns nothing")
    shown = asked.fogline("runs", "show", run.id)
    assert (shown.code, "network.py:2: network() returns nothing" in shown.out) == (NOT_FINISHED, True)
    again = asked.fogline("runs", "retry", run.id, "--json")
    assert (again.code, again.document["state"] in ("waiting", "running")) == (0, True)


def test_a_run_is_cancelled_and_not_twice(asked: Asked) -> None:
    run = asked.announced()
    assert asked.fogline("runs", "cancel", run.id, "--json").document["state"] == "cancelled"
    said = asked.fogline("runs", "cancel", run.id)
    assert (said.code, len(said.err.splitlines())) == (9, 1)
    assert asked.fogline("runs", "show", run.id).code == NOT_FINISHED


def test_a_deadline_says_what_is_still_going_on(asked: Asked) -> None:
    run = asked.announced()
    said = asked.fogline("runs", "show", run.id, "--follow", "--deadline", 0)
    assert said.code == 9
    assert said.err.splitlines()[-1].startswith(f"fogline: not ended within 0 s: run {run.id}  {asked.name}  running")


def test_judgements_are_told_by_exit_and_by_class(asked: Asked, finished: RunView) -> None:
    said = asked.fogline("runs", "show", finished.id, "--judgements")
    assert (said.code, said.err) == (0, "")
    for word in ("edge, by class", "3 class 3", "cloud: a row a true class, a column a predicted one", "macro F1"):
        assert word in said.out
    document = asked.fogline("runs", "show", finished.id, "--judgements", "--json").document
    assert [one["exit"] for one in document["exits"]] == ["edge", "fog", "cloud"]


def test_pictures_are_drawn_into_a_folder_or_a_file(asked: Asked, finished: RunView, tmp_path: Path) -> None:
    said = asked.fogline("runs", "show", finished.id, "--plot", tmp_path / "all.png")
    assert (said.code, said.err) == (0, f"drawn: {tmp_path / 'all.png'}\n")
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    (tmp_path / "mine.txt").write_text("mine")
    refused = asked.fogline("runs", "show", finished.id, "--plot", tmp_path / "mine.txt")
    assert (refused.code, (tmp_path / "mine.txt").read_text()) == (2, "mine")


def test_what_a_run_left_is_fetched(asked: Asked, finished: RunView, tmp_path: Path) -> None:
    said = asked.fogline("runs", "download", finished.id, "--to", tmp_path / "run")
    assert (said.code, said.err) == (0, "")
    assert (tmp_path / "run" / "weights.npz").read_bytes() == b"weights 0"
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == sorted(files())


def test_runs_on_the_same_records_are_compared_record_by_record(asked: Asked, finished: RunView) -> None:
    other = asked.announced(start=5000)
    asked.node.finishes(other, files(seed=1))
    said = asked.fogline("runs", "compare", finished.id, other.id)
    assert (said.code, said.err) == (0, "")
    assert "judged the same records" in said.out
    document = asked.fogline("runs", "compare", finished.id, other.id, "--json").document
    assert [one["id"] for one in document["runs"]] == [finished.id, other.id]
    assert document["comparisons"][0]["exits"][0]["test"]["test"] == "mcnemar_exact"


def test_what_was_not_judged_is_not_compared(asked: Asked) -> None:
    run = asked.announced()
    said = asked.fogline("runs", "show", run.id, "--judgements")
    assert (said.code, said.err) == (2, f"fogline: run {run.id} was not judged: it is running\n")
    assert asked.fogline("runs", "compare", run.id, run.id).code == 2


def test_a_stream_is_listed_shown_and_trained_on_again(asked: Asked, finished: RunView) -> None:
    said = asked.fogline("streams", "show", finished.stream)
    assert (said.code, said.err) == (0, "")
    assert f"{asked.name}:0:0:1000" in said.out
    assert "uint8 28 x 28 x 1" in said.out
    listed = asked.fogline("streams", "list", "--cluster", asked.name, "--json").document["items"]
    assert [one["id"] for one in listed] == [finished.stream]
    again = asked.fogline("streams", "reuse", finished.stream, "--request", asked.name, "--json")
    (new,) = again.document["items"]
    assert (new["stream"], new["id"] > finished.id) == (finished.stream, True)
    now_ms = round(time.time() * 1000)
    asked.node.announces(asked.number, announcement(asked.name), cluster=asked.name, timestamp_ms=now_ms)
    assert len(asked.runs()) == 2
    assert asked.fogline("streams", "show", "s-0").code == 9


def test_runs_of_a_request_that_is_not_there_are_not_waited_for(asked: Asked) -> None:
    said = asked.fogline("runs", "list", "--request", "mistyped", "--follow")
    assert said.code != 0
    assert "no training request mistyped" in said.err
