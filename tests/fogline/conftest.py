"""The command line, and a control plane of its own program for the session."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fogline import cli
from simulations.stack import Layout, start_control_plane
from tests.fogline.stage import Fogline, Said


@pytest.fixture(autouse=True)
def no_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds what a developer has running."""
    for name in ("FOGLINE_URL", "FOGLINE_CREDENTIAL", "FOGLINE_CREDENTIAL_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def fogline(capfd: pytest.CaptureFixture[str]) -> Fogline:
    def run(*arguments: object) -> Said:
        capfd.readouterr()
        code = cli.run([str(one) for one in arguments])
        out, err = capfd.readouterr()
        return Said(code=code, out=out, err=err)

    return run


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Its URL and the file of its operator's credential."""
    layout = Layout(directory=tmp_path_factory.mktemp("control-plane"))
    running, url = start_control_plane(layout, port=0, leashed=True)
    yield url, layout.credential_file
    running.stop()


@pytest.fixture
def connected(fogline: Fogline, control_plane: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> Fogline:
    """The command line of a person who has set the environment once."""
    url, credential_file = control_plane
    monkeypatch.setenv("FOGLINE_URL", url)
    monkeypatch.setenv("FOGLINE_CREDENTIAL_FILE", str(credential_file))
    return fogline
