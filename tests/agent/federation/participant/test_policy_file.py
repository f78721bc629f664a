"""A site's policy is what its file says, and without one it takes part in nothing."""

from pathlib import Path

import pytest

from agent.federation.participant.policy import Policy
from agent.federation.participant.policy_file import read
from shared.errors import SettingsError

EXPECTED = Policy(federations=("shapes",), sources="any", most_norm=1.5, hours=("22:00-06:00",))


def test_it_is_read_from_either_form(tmp_path: Path) -> None:
    toml, json = tmp_path / "policy.toml", tmp_path / "policy.json"
    toml.write_text('federations = ["shapes"]\nsources = "any"\nmost_norm = 1.5\nhours = ["22:00-06:00"]\n')
    json.write_text('{"federations": ["shapes"], "sources": "any", "most_norm": 1.5, "hours": ["22:00-06:00"]}')
    assert read(toml) == read(json) == EXPECTED


def test_without_a_file_the_remedy_is_named() -> None:
    with pytest.raises(SettingsError, match="takes part in nothing: name a policy file as federation_policy"):
        read(None)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("policy.toml", "federations = [", "policy.toml"),
        ("policy.toml", 'federation = ["shapes"]', "unknown field `federation`"),
        ("policy.toml", 'hours = ["25:00-06:00"]', "hours"),
        ("policy.json", "{", "policy.json"),
        ("policy.json", '{"most_norm": -1}', "most_norm"),
    ],
)
def test_a_file_that_is_wrong_allows_nothing(tmp_path: Path, name: str, content: str, reason: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(SettingsError, match=reason):
        read(tmp_path / name)


def test_a_file_that_is_away_allows_nothing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="No such file"):
        read(tmp_path / "policy.toml")
