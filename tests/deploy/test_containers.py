"""Container files a linter accepts, and a compose file whose parts fit. No engine builds them here."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "deploy/cloud/compose.yaml"


@pytest.mark.parametrize("name", ["deploy/edge/Containerfile", "deploy/cloud/Containerfile.controlplane"])
def test_the_linter_accepts_the_container_file(name: str) -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    outcome = subprocess.run([hadolint, ROOT / name], capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stdout + outcome.stderr) == (0, "")


@pytest.mark.parametrize("name", ["deploy/edge/Containerfile", "deploy/cloud/Containerfile.controlplane"])
def test_a_container_file_copies_what_there_is(name: str) -> None:
    for line in (ROOT / name).read_text().splitlines():
        if line.startswith("COPY "):
            assert all((ROOT / source).exists() for source in line.split()[1:-1]), line


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return loaded


def test_every_build_has_its_container_file(compose: dict[str, Any]) -> None:
    builds = [service["build"] for service in compose["services"].values() if "build" in service]
    assert builds
    for build in builds:
        context = (COMPOSE.parent / build["context"]).resolve()
        assert context == ROOT
        assert (context / build["dockerfile"]).is_file()


def test_services_depend_on_services_that_report_their_health(compose: dict[str, Any]) -> None:
    services = compose["services"]
    for service in services.values():
        for name, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert "healthcheck" in services[name]


def test_volumes_and_secrets_are_declared(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert {volume.split(":")[0] for volume in service["volumes"]} <= set(compose["volumes"])
        assert set(service.get("secrets", ())) <= set(compose["secrets"])


def test_the_control_plane_is_published_on_localhost_only(compose: dict[str, Any]) -> None:
    assert all(port.startswith("127.0.0.1:") for port in compose["services"]["control-plane"]["ports"])
