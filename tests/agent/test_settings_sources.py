from pathlib import Path

import pytest

from agent.settings_sources import default_name, load
from shared.errors import SettingsError

FLAGS = {"control_plane": "https://fogline.example"}
FILE = """
control_plane = "https://from.file"
metrics_port = 9100
token_file = "token"
[labels]
tier = "edge"
site = "a"
[clusters.fog]
bootstrap_servers = ["10.0.0.7:9092"]
sasl = { username = "box", password_file = "password" }
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("t0ken\n")
    (tmp_path / "password").write_text("pa55\n")
    path = tmp_path / "agent.toml"
    path.write_text(FILE)
    return path


def test_flags_win_over_the_environment_and_that_over_the_file(config: Path) -> None:
    environ = {"FOGLINE_AGENT_CONTROL_PLANE": "https://from.environment", "FOGLINE_AGENT_METRICS_PORT": "9200"}
    assert load({"settings": config}, {}).control_plane == "https://from.file"
    assert load({"settings": config}, environ).control_plane == "https://from.environment"
    settings = load({"settings": config, **FLAGS}, environ)
    assert (settings.control_plane, settings.metrics_port) == ("https://fogline.example", 9200)


def test_labels_of_all_sources_are_put_together(config: Path) -> None:
    flags = {"settings": config, "labels": {"site": "b"}}
    assert load(flags, {"FOGLINE_AGENT_LABELS": "gpu=yes,site=c"}).labels == {"tier": "edge", "gpu": "yes", "site": "b"}


def test_secrets_come_from_files_beside_the_settings_file_and_do_not_show(config: Path) -> None:
    settings = load({"settings": config}, {})
    assert settings.token == "t0ken"
    assert settings.clusters["fog"].sasl.password == "pa55"  # type: ignore[union-attr]
    assert "t0ken" not in repr(settings)
    assert "pa55" not in repr(settings)


def test_a_token_given_later_wins_whichever_way_it_is_given(config: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("other")
    assert load({"settings": config}, {"FOGLINE_AGENT_TOKEN": "mine"}).token == "mine"
    assert load({"settings": config, "token_file": str(other)}, {"FOGLINE_AGENT_TOKEN": "mine"}).token == "other"


@pytest.mark.parametrize(
    ("flags", "environ", "named"),
    [
        ({}, {}, "--control-plane"),
        ({"control_plane": "fogline:80"}, {}, "--control-plane"),
        ({**FLAGS, "name": "Not A Name"}, {}, "--name"),
        ({**FLAGS, "labels": {"a b": "c"}}, {}, "--label:"),
        (FLAGS, {"FOGLINE_AGENT_METRICS_PORT": "http"}, "FOGLINE_AGENT_METRICS_PORT"),
        (FLAGS, {"FOGLINE_AGENT_LABELS": "edge"}, "label 'edge' is not of the form name=value"),
        ({**FLAGS, "token_file": "/no/such/token"}, {}, "--token-file: cannot read /no/such/token"),
        ({**FLAGS, "settings": "/no/such/file"}, {}, "settings file /no/such/file"),
    ],
)
def test_a_wrong_setting_is_named_as_it_was_given(
    flags: dict[str, object], environ: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as raised:
        load(flags, environ)
    assert named in str(raised.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("control_plan = 'x'", "`control_plan` in"),
        ("labels = 1", "`labels` in"),
        ("drain_deadline_s = -1", "`drain_deadline_s` in"),
        ("[clusters.fog]\nservers = []", "servers"),
        ("[clusters.fog.sasl]\npassword_file = 'none'", "clusters.fog.sasl.password_file"),
        ("no toml", "settings file"),
    ],
)
def test_a_wrong_setting_of_the_file_is_named_with_the_file(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "agent.toml"
    path.write_text(text)
    with pytest.raises(SettingsError) as raised:
        load({**FLAGS, "settings": str(path)}, {})
    assert named in str(raised.value)
    assert str(tmp_path) in str(raised.value)


def test_the_state_directory_is_the_services_own_or_the_users() -> None:
    assert load(FLAGS, {"STATE_DIRECTORY": "/var/lib/x"}).state_dir == Path("/var/lib/x")
    assert load(FLAGS, {"HOME": "/home/a"}).state_dir == Path("/home/a/.local/state/fogline-agent")


@pytest.mark.parametrize(("host", "name"), [("Edge_7.Example", "edge-7-example"), ("--", "node"), ("a" * 80, "a" * 63)])
def test_a_host_name_becomes_a_nodes_name(host: str, name: str) -> None:
    assert default_name(host) == name
