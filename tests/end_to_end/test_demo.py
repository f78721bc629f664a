"""The demo as a person runs it: its summary holds what it promises, and Ctrl-C at any moment leaves nothing behind."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from simulations.demo.over_links.figures import Comparison
from simulations.demo.scoreboard import Figures
from simulations.programs import await_condition

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

# What the demo says at each step, and so the moments at which it is interrupted.
MOMENTS = ("starting Kafka", "starting the control plane", "deploying", "answered", "cleaning up")
MOMENTS_OVER_LINKS = ("Kafka for fog", "continuum: .* answered", "only: opening the links")


class Summary(msgspec.Struct):
    figures: Figures
    cloud_alone_accuracy: float


class SummaryOverLinks(msgspec.Struct):
    comparison: Comparison
    verdict: str


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[list[str]]:
    """The command; whatever happens to it, what it made in its own folder for temporary files is looked for here."""
    command = [sys.executable, "-m", "fogline", "demo"]
    yield command
    assert await_condition(lambda: not processes_in(tmp_path), deadline_s=20), processes_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def environment(tmp_path: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"}


def processes_in(folder: Path) -> list[str]:
    """Command lines of all processes that work with files of `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(folder) in line:
                found.append(line)
    return found


def test_the_summary_holds_what_the_demo_promises(demo: list[str], tmp_path: Path) -> None:
    outcome = subprocess.run(
        [*demo, "--records", "2000", "--rate", "250", "--json"],
        check=True,
        capture_output=True,
        text=True,
        env=environment(tmp_path),
    )
    summary = msgspec.json.decode(outcome.stdout, type=Summary)
    figures = summary.figures
    assert (figures.sent, figures.answered, figures.doubled, figures.dead_lettered) == (2000, 2000, 0, 0)
    assert figures.accuracy is not None
    assert figures.accuracy >= summary.cloud_alone_accuracy - 0.01
    assert [tier.tier for tier in figures.tiers] == ["edge", "fog", "cloud"]
    assert figures.tiers[0].share >= 0.7
    assert figures.tiers[0].bytes_up <= figures.bytes_raw / 4


def test_over_links_the_continuum_stands_beside_the_cloud_alone(demo: list[str], tmp_path: Path) -> None:
    outcome = subprocess.run(
        [*demo, "--links", "4g", "--records", "200", "--rate", "40", "--json"],
        check=True,
        capture_output=True,
        text=True,
        env=environment(tmp_path),
    )
    summary = msgspec.json.decode(outcome.stdout, type=SummaryOverLinks)
    continuum, cloud_only = summary.comparison.continuum, summary.comparison.cloud_only
    for way in (continuum, cloud_only):
        assert (way.sent, way.records, way.unanswered) == (280, 200, 0)
        assert (way.accuracy or 0) > 0.8
    assert continuum.shares["edge"] > 0.6
    assert cloud_only.shares == {"cloud": 1.0}
    # Twice both links' latency one way, which no machine is too slow to be behind.
    assert cloud_only.latency_ms["p50"] > 50
    assert continuum.bytes_up["edge-fog"] < cloud_only.bytes_up["edge-fog"]
    assert "bytes go up the 4g link" in summary.verdict


@pytest.mark.parametrize(
    ("flags", "moment"),
    [
        *(((), moment) for moment in MOMENTS),
        *((("--links", "4g"), moment) for moment in MOMENTS_OVER_LINKS),
    ],
    ids=str,
)
def test_ctrl_c_leaves_nothing_behind(demo: list[str], tmp_path: Path, flags: tuple[str, ...], moment: str) -> None:
    command = [*demo, *flags, "--records", "200", "--rate", "200"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(tmp_path)
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if re.search(moment, line):
                running.send_signal(signal.SIGINT)
                break
        rest = running.stdout.read()
    assert running.returncode == 130, rest
    assert "Traceback" not in rest
