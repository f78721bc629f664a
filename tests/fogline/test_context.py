"""Which control plane is meant: flags, then the environment, then what `fogline up` left behind."""

from pathlib import Path

import msgspec
import pytest

from fogline.context import Context, Current, current_file, resolve
from shared.errors import SettingsError


@pytest.fixture
def left(tmp_path: Path) -> dict[str, str]:
    """An environment in which `fogline up` has left a control plane behind."""
    environment = {"XDG_STATE_HOME": str(tmp_path / "state")}
    credential = tmp_path / "operator-credential"
    credential.write_text("left-credential\n")
    current = Current(url="http://left:1", credential_file=str(credential), bootstrap_servers="kafka:9092")
    file = current_file(environment)
    file.parent.mkdir(parents=True)
    file.write_bytes(msgspec.json.encode({**msgspec.to_builtins(current), "programs": {}}))
    return environment


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_what_up_left_behind_is_used_when_nothing_is_said(left: dict[str, str]) -> None:
    assert resolve(environment=left) == Context(
        url="http://left:1", credential="left-credential", bootstrap_servers="kafka:9092"
    )


def test_a_flag_comes_before_the_environment(left: dict[str, str], tmp_path: Path) -> None:
    environment = {**left, "FOGLINE_URL": "http://environment:2", "FOGLINE_CREDENTIAL": "from-environment"}
    assert resolve(environment=environment) == Context(url="http://environment:2", credential="from-environment")
    file = write(tmp_path / "mine", "from-file\n")
    context = resolve(url="http://flag:3", credential_file=file, environment=environment)
    assert context == Context(url="http://flag:3", credential="from-file")


def test_the_environment_may_name_a_file(tmp_path: Path) -> None:
    file = write(tmp_path / "mine", " from-file \n")
    environment = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path), "FOGLINE_URL": "http://a"}
    context = resolve(environment={**environment, "FOGLINE_CREDENTIAL_FILE": str(file)})
    assert context.credential == "from-file"


def test_the_credential_of_one_control_plane_is_never_shown_to_another(left: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="no credential for http://other:9"):
        resolve(url="http://other:9", environment=left)
    assert resolve(url="http://left:1", environment=left).credential == "left-credential"


def test_nothing_known_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="run `fogline up`, or give --url"):
        resolve(environment={"XDG_STATE_HOME": str(tmp_path)})


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"url": 5}'])
def test_a_damaged_file_left_behind_is_named(left: dict[str, str], content: bytes) -> None:
    current_file(left).write_bytes(content)
    with pytest.raises(SettingsError, match=r"current\.json cannot be used"):
        resolve(environment=left)


def test_a_credential_file_that_is_none_is_named(left: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere cannot be read: No such file"):
        resolve(credential_file=tmp_path / "nowhere", environment=left)
    with pytest.raises(SettingsError, match="is empty"):
        resolve(credential_file=write(tmp_path / "empty", "\n"), environment=left)
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not text"):
        resolve(credential_file=binary, environment=left)


def test_a_context_does_not_show_its_credential() -> None:
    assert "secret" not in repr(Context(url="http://a", credential="secret"))
