"""`fogline models profile`, and `fogline models cut --profile`, against a real control plane."""

import io
import json
from pathlib import Path

import numpy as np
import pytest

from agent.training.cutting.network import Profile
from agent.training.exiting.calibration import Calibration
from agent.training.exiting.risk import Choice
from shared.documents import Assignment, ExitPolicy, RunView, decode, encode
from shared.documents.profile import ProfileWorkload, Segments, SegmentTime, TierTimes
from tests.agent.training.cutting.test_measured import SEGMENTS
from tests.fogline.commands.conftest import Asked

SEGMENT = b"a program"
TIERS = ("edge", "cloud")


def validation() -> bytes:
    """Of four records the first exit is sure of one, at 0.8; the second of all."""
    written = io.BytesIO()
    first = np.array([0.9, 0.6, 0.6, 0.7], np.float32)
    last = np.array([[0.99, 0.01]] * 4, np.float32)
    np.savez(written, labels=np.zeros(4, np.int64), edge=np.stack([first, 1 - first], axis=1), cloud=last)
    return written.getvalue()


def calibration(*policies: ExitPolicy | None) -> Calibration:
    choice = Choice(
        thresholds=tuple(None if one is None else one.threshold for one in policies),
        step=0,
        shares=(),
        harmed=0,
        records=1,
        upper_bound=1.0,
        risk=0.1,
        confidence=0.9,
    )
    return Calibration(policies=policies, choice=choice, points=())


@pytest.fixture
def trained(asked: Asked) -> RunView:
    """Run and exits of two tiers, of which the first answers at `low`."""
    run = asked.announced()
    left = Segments(input_bytes=1000, segments=SEGMENTS.segments, exits={"edge": "first", "cloud": "last"})
    files = {"segments.json": encode(left), "segment-0.tflite": SEGMENT, "validation.npz": validation()}
    asked.node.finishes(run, files)
    asked.node.report()
    return run


def times(asked: Asked) -> str:
    """What the node is given to time, found; which tier it was."""
    assignment: Assignment = asked.node.assignment()
    (raw,) = [one for one in assignment.workloads if json.loads(bytes(one))["kind"] == "profile"]
    workload = decode(bytes(raw), ProfileWorkload)
    found = TierTimes(
        profile=workload.profile,
        profiling=workload.profiling,
        tier=workload.tier,
        backend="litert",
        records=100,
        times=tuple(
            SegmentTime(after=one.after, until=one.until, head=one.head, time_s=0.01) for one in SEGMENTS.segments
        ),
    )
    asked.node.ask("POST", f"nodes/{asked.node.name}/profiles", found)
    return workload.tier


@pytest.fixture
def put(asked: Asked, trained: RunView) -> list[object]:
    on = [f"--tier={tier}=test:{asked.name}" for tier in TIERS]
    return ["models", "profile", asked.name, "--run", trained.id, *on, "--link", "1000:0.5"]


def test_a_profile_is_put_measured_tier_by_tier_and_cut(asked: Asked, put: list[object], tmp_path: Path) -> None:
    said = asked.fogline(*put)
    assert (said.code, said.err) == (0, "")
    assert "measuring" in said.out
    early = asked.fogline("models", "cut", "--profile", asked.name)
    assert early.code == 2
    assert f"profile {asked.name} is measuring: edge" in early.err
    assert [times(asked), times(asked)] == list(TIERS)
    done = asked.fogline("models", "profile", asked.name, "--wait")
    assert done.code == 0
    assert "adds first" in done.out
    out = tmp_path / "profile.json"
    found = asked.fogline("models", "cut", "--profile", asked.name, "--threshold", 0.8, "--out", out, "--json")
    assert (found.code, found.err) == (0, "")
    kept = decode(out.read_bytes(), Profile)
    assert kept.alive == {"low": 0.75}
    assert [one.exit for one in kept.network.cuts] == ["first", None]
    assert asked.fogline("models", "cut", out, "--json").document == found.document
    exits = tmp_path / "exits.json"
    exits.write_bytes(encode(calibration(ExitPolicy(threshold=0.65))))
    asked.fogline("models", "cut", "--profile", asked.name, "--exits", exits, "--out", out)
    assert decode(out.read_bytes(), Profile).alive == {"low": 0.5}
    exits.write_bytes(encode(calibration(None, None)))
    other = asked.fogline("models", "cut", "--profile", asked.name, "--exits", exits)
    assert (other.code, "has 2 exit policies where the run's version has 1 early exits: edge" in other.err) == (2, True)
    removed = asked.fogline("models", "profile", asked.name, "--remove")
    assert (removed.code, removed.out.strip()) == (0, f"{asked.name} is removed.")
    assert asked.fogline("models", "profile", asked.name).code == 9


def test_what_cannot_be_timed_fails_and_the_exit_code_says_so(asked: Asked, put: list[object]) -> None:
    asked.fogline(*put)
    view = asked.fogline("models", "profile", asked.name, "--json").document
    assignment = asked.node.assignment()
    (raw,) = [one for one in assignment.workloads if json.loads(bytes(one))["kind"] == "profile"]
    workload = decode(bytes(raw), ProfileWorkload)
    failed = TierTimes(
        profile=asked.name, profiling=workload.profiling, tier="edge", failure="no installed backend reads tflite files"
    )
    asked.node.ask("POST", f"nodes/{asked.node.name}/profiles", failed)
    said = asked.fogline("models", "profile", asked.name, "--wait")
    assert view["state"] == "measuring"
    assert said.code == 1
    assert "tier edge: no installed backend reads tflite files" in said.out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["profile", "digits", "--tier", "edge"], "needs --run"),
        (["cut"], "give either a file or --profile NAME"),
        (["cut", "a.json", "--threshold", "0.8"], "go with --profile"),
    ],
)
def test_what_does_not_go_together_is_said(asked: Asked, words: list[str], reason: str) -> None:
    said = asked.fogline("models", *words)
    assert said.code == 2
    assert reason in said.err
