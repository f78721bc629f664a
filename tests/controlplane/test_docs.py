"""The documentation names everything there is, and its walk-through runs as it stands."""

import re
import subprocess
from dataclasses import fields
from pathlib import Path

import httpx
import pytest

from controlplane.app import create_app
from controlplane.metrics import Metrics
from controlplane.plane import open_plane
from controlplane.settings import Settings
from shared.documents import DeploymentStatus, decode
from shared.errors import FoglineError, SettingsError, StorageError
from tests.controlplane.program import program

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(path.read_text() for path in (ROOT / "controlplane").rglob("*.py"))


def doc(name: str) -> str:
    return (ROOT / "docs" / name).read_text()


def test_every_route_is_documented(tmp_path: Path) -> None:
    plane = open_plane(Settings(state_dir=tmp_path))
    paths = create_app(plane).openapi()["paths"]
    plane.close()
    text = doc("http-api.md")
    missing = [
        f"{method.upper()} {path}"
        for path, one in paths.items()
        for method in one
        if f"{method.upper()} {path}" not in text
    ]
    assert missing == []


def test_every_setting_is_documented() -> None:
    text = doc("run-a-control-plane.md")
    assert [one.name for one in fields(Settings) if f"`--{one.name.replace('_', '-')}`" not in text] == []


def test_every_exit_code_is_documented() -> None:
    section = doc("run-a-control-plane.md").split("## Exit codes")[1]
    codes = {0, FoglineError.exit_code, SettingsError.exit_code, StorageError.exit_code}
    assert [code for code in codes if f"| {code} |" not in section] == []


def test_every_metric_is_documented() -> None:
    text = doc("metrics-controlplane.md")
    described = {
        name
        for name in Metrics().registry._names_to_collectors
        if not name.endswith(("_created", "_bucket", "_sum", "_count"))
    }
    missing = [name for name in described if name not in text and f"{name}_total" not in text]
    assert missing == []


def test_every_event_is_documented() -> None:
    text = doc("http-api.md")
    kinds = set(re.findall(r'Happened\(\s*"(\w+)"', SOURCES)) | {
        "deployment_created",
        "deployment_changed",
        "node_stale",
        "node_heard",
    }
    assert len(kinds) > 12
    assert [kind for kind in sorted(kinds) if f"`{kind}`" not in text] == []


def test_every_link_leads_to_a_page() -> None:
    for name in ("http-api.md", "metrics-controlplane.md"):
        for link in re.findall(r"\]\(([^)#]+)\)", doc(name)):
            assert (ROOT / "docs" / link).exists(), link


@pytest.mark.slow
def test_the_walk_through_deploys_with_curl_alone(tmp_path: Path) -> None:
    text = doc("http-api.md")
    section = text.split("## Deploy with curl alone")[1].split("\n## ")[0]
    script = "\n".join(["set -eu", *re.findall(r"```sh\n(.*?)```", section, re.DOTALL)])
    with program(tmp_path) as running:
        variables = {"URL": running.url, "AUTH": f"Authorization: Bearer {running.credential}", "PATH": "/usr/bin:/bin"}
        outcome = subprocess.run(
            ["bash", "-c", script], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
        )
        assert outcome.returncode == 0, outcome.stderr + outcome.stdout[-2000:]
        answer = httpx.get(
            f"{running.url}/v1/deployments/fashion-mnist", headers={"Authorization": f"Bearer {running.credential}"}
        )
    assert answer.json()["deployment"]["tiers"][0]["exit"]["threshold"] == 0.5
    status = decode(outcome.stdout[outcome.stdout.rindex('{"api_version"') :], DeploymentStatus)
    assert [short.tier for short in status.unplaced] == ["edge", "fog", "cloud"]
