"""What the docs must name: every setting, every metric, every exit code."""

import re
from pathlib import Path

import pytest

from agent.arguments import parser
from agent.generations import Verdict
from agent.inference.metrics import InferenceMetrics
from agent.metrics import Metrics
from agent.shell_metrics import ShellMetrics
from agent.training.running.counts import TrainingCounts
from shared.errors import ControlPlaneError, SettingsError, StorageError

DOCS = Path(__file__).parents[2] / "docs"
INSTALL, METRICS = (DOCS / name for name in ("install-an-agent.md", "metrics-agent.md"))


def every_metric() -> set[str]:
    metrics = Metrics()
    shell = ShellMetrics(metrics)
    shell.show(held=lambda: 0, highest=lambda: 0, is_there=lambda: True, statuses=lambda: ())
    shell.judged(Verdict.ACCEPT)
    InferenceMetrics.of(metrics, workload="w", deployment="d", tier="t")
    TrainingCounts.of(metrics, workload="w", request="r", network="n")
    return set(re.findall(r"# TYPE (\S+)", metrics.render()))


def test_every_flag_is_documented_and_every_documented_flag_is_one() -> None:
    flags = {option for action in parser()._actions for option in action.option_strings if option.startswith("--")}
    text = INSTALL.read_text()
    assert {flag for flag in flags - {"--help", "--version"} if f"`{flag}" not in text} == set()
    assert set(re.findall(r"^\| `(--[a-z-]+)` \|", text, re.MULTILINE)) <= flags


def test_every_metric_is_documented_and_every_documented_metric_is_one() -> None:
    documented = set(re.findall(r"^\| `(fogline_agent_\w+)", METRICS.read_text(), re.MULTILINE))
    assert documented == every_metric()


@pytest.mark.parametrize("error", [SettingsError, StorageError, ControlPlaneError])
def test_every_exit_code_is_documented(error: type[SettingsError | StorageError | ControlPlaneError]) -> None:
    assert f"\n| {error.exit_code} |" in INSTALL.read_text()


def test_every_log_line_the_docs_explain_is_one() -> None:
    sources = "".join(path.read_text() for path in (DOCS.parent / "agent").rglob("*.py"))
    explained = re.findall(r"^\| (`[^|]+`) \|", INSTALL.read_text().partition("## When something")[2], re.MULTILINE)
    assert explained
    assert [line for cell in explained for line in re.findall(r"`([^`]+)`", cell) if line not in sources] == []
