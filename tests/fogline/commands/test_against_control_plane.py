"""The commands, each against a real control plane in a process of its own."""

import json
from pathlib import Path

import pytest

from shared.errors import DocumentError, SettingsError
from tests.fogline.stage import Fogline

CLUSTER = 'name = "{name}"\nbootstrap_servers = ["127.0.0.1:9092"]\n'
DEPLOYMENT = """
name = "{name}"
model = "machine-vibrations"
[decoder]
kind = "json"
[[tiers]]
tier = "edge"
cluster = "{name}"
exit = {{ threshold = 0.7 }}
[[tiers]]
tier = "cloud"
cluster = "{name}"
"""
EXAMPLE = Path(__file__).parents[3] / "examples" / "sensor"


@pytest.fixture
def name(unique: str) -> str:
    return unique


@pytest.fixture
def deployed(connected: Fogline, tmp_path: Path, name: str) -> str:
    """A deployment of the sensor example on a cluster of the same name."""
    (tmp_path / "cluster.toml").write_text(CLUSTER.format(name=name))
    (tmp_path / "deployment.toml").write_text(DEPLOYMENT.format(name=name))
    assert connected("clusters", "put", tmp_path / "cluster.toml").code == 0
    assert connected("models", "register", EXAMPLE).code == 0
    said = connected("deployments", "put", tmp_path / "deployment.toml")
    assert (said.code, said.err) == (0, "")
    return name


def test_a_cluster_is_put_shown_listed_and_deleted(connected: Fogline, tmp_path: Path, name: str) -> None:
    file = tmp_path / "cluster.json"
    file.write_text(json.dumps({"name": name, "bootstrap_servers": ["127.0.0.1:9092"]}))
    assert connected("clusters", "put", file, "--json").document["name"] == name
    assert connected("clusters", "show", name, "--json").document["bootstrap_servers"] == ["127.0.0.1:9092"]
    assert name in {one["name"] for one in connected("clusters", "list", "--json").document["items"]}
    assert connected("clusters", "delete", name).out == f"{name} is deleted.\n"
    said = connected("clusters", "show", name)
    assert (said.code, len(said.err.splitlines())) == (9, 1)


def test_a_secret_is_not_shown_and_stays_when_put_back(connected: Fogline, tmp_path: Path, name: str) -> None:
    file = tmp_path / "cluster.json"
    sasl = {"mechanism": "SCRAM-SHA-512", "username": "u", "password": "hunter2"}
    servers = ["127.0.0.1:9092"]
    file.write_text(
        json.dumps({"name": name, "bootstrap_servers": servers, "security_protocol": "SASL_PLAINTEXT", "sasl": sasl})
    )
    said = connected("clusters", "put", file, "--json")
    assert "hunter2" not in said.out
    file.write_text(said.out)
    assert connected("clusters", "put", file).code == 0


def test_registering_twice_makes_one_version(connected: Fogline) -> None:
    first = connected("models", "register", EXAMPLE, "--json")
    again = connected("models", "register", EXAMPLE / "manifest.json", "--json")
    assert first.document == again.document
    assert "arrived" not in first.err  # no bar where stderr is no terminal
    shown = connected("models", "show", "machine-vibrations")
    assert "machine-vibrations/1" in shown.out
    versions = connected("models", "list", "machine-vibrations", "--json").document["items"]
    assert [one["version"] for one in versions] == [1]
    assert connected("models", "show", "machine-vibrations", "--version", 7).code == 9


def test_a_damaged_artifact_is_found_before_anything_is_sent(connected: Fogline, tmp_path: Path) -> None:
    manifest = json.loads((EXAMPLE / "manifest.json").read_text())
    manifest["name"] = "damaged"
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    for sub_model in manifest["sub_models"]:
        for artifact in sub_model["artifacts"]:
            file = tmp_path / artifact["file"]
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"?" * artifact["size_bytes"])
    said = connected("models", "register", tmp_path)
    assert said.code == 4
    assert "the manifest says" in said.err
    assert connected("models", "show", "damaged").code == 9


def test_a_dry_run_says_what_would_happen_and_does_nothing(connected: Fogline, deployed: str, tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text((tmp_path / "deployment.toml").read_text().replace(f'name = "{deployed}"', 'name = "dry"', 1))
    plan = connected("deployments", "put", file, "--dry-run", "--json").document
    assert (plan["name"], plan["changed"]) == ("dry", True)
    assert {one["tier"] for one in plan["unplaced"]} == {"edge", "cloud"}
    assert connected("deployments", "show", "dry").code == 9


def test_a_threshold_is_changed_alone(connected: Fogline, deployed: str) -> None:
    before = connected("deployments", "show", deployed, "--json").document
    after = connected("deployments", "threshold", deployed, "edge", 0.25, "--json").document
    assert after["deployment"]["tiers"][0]["exit"]["threshold"] == 0.25
    before["deployment"]["tiers"][0]["exit"]["threshold"] = 0.25
    assert after["deployment"] == before["deployment"]
    assert after["etag"] != before["etag"]
    assert connected("deployments", "threshold", deployed, "cloud", 0.5).code == 2


def test_the_exits_that_a_calibration_found_are_put_and_nothing_else(
    connected: Fogline, deployed: str, tmp_path: Path
) -> None:
    file = tmp_path / "calibration.json"
    found = {"measure": "margin", "threshold": 0.35}
    file.write_text(json.dumps({"policies": [found], "risk": 0.01, "what_else_it_prints": []}))
    before = connected("deployments", "show", deployed, "--json").document
    after = connected("deployments", "exits", deployed, file, "--json").document
    assert after["deployment"]["tiers"][0]["exit"] == found
    before["deployment"]["tiers"][0]["exit"] = found
    assert after["deployment"] == before["deployment"]
    assert after["etag"] != before["etag"]


def test_an_exit_that_is_never_sure_enough_is_switched_off(connected: Fogline, deployed: str, tmp_path: Path) -> None:
    file = tmp_path / "calibration.json"
    file.write_text('{"policies": [null]}')
    after = connected("deployments", "exits", deployed, file, "--json").document
    assert after["deployment"]["tiers"][0]["exit"] is None


@pytest.mark.parametrize(
    ("content", "code", "reason"),
    [
        ('{"policies": []}', SettingsError.exit_code, "0 exit policies"),
        ('{"policies": [{"threshold": 2}]}', DocumentError.exit_code, "policies[0].threshold"),
        ("{}", DocumentError.exit_code, "policies"),
    ],
    ids=["too few", "out of range", "none"],
)
def test_exits_that_do_not_fit_are_one_line_and_change_nothing(
    connected: Fogline, deployed: str, tmp_path: Path, content: str, code: int, reason: str
) -> None:
    file = tmp_path / "calibration.json"
    file.write_text(content)
    before = connected("deployments", "show", deployed, "--json").document
    said = connected("deployments", "exits", deployed, file)
    assert (said.code, len(said.err.splitlines())) == (code, 1)
    assert reason in said.err
    assert connected("deployments", "show", deployed, "--json").document == before


def test_a_deployment_changed_meanwhile_is_not_overwritten(connected: Fogline, deployed: str, tmp_path: Path) -> None:
    etag = connected("deployments", "show", deployed, "--json").document["etag"]
    file = tmp_path / "deployment.toml"
    assert connected("deployments", "put", file, "--if-match", etag).code == 0
    connected("deployments", "threshold", deployed, "edge", 0.1)
    said = connected("deployments", "put", file, "--if-match", etag)
    assert (said.code, len(said.err.splitlines())) == (9, 1)


def test_a_deployment_of_nothing_known_names_its_field(connected: Fogline, tmp_path: Path, name: str) -> None:
    file = tmp_path / "deployment.toml"
    file.write_text(DEPLOYMENT.format(name=name).replace("machine-vibrations", "no-such-model"))
    said = connected("deployments", "put", file)
    assert said.code == 9
    assert said.err.startswith("fogline: model: ")


def test_waiting_for_what_cannot_be_placed_ends_at_the_deadline(connected: Fogline, deployed: str) -> None:
    said = connected("deployments", "status", deployed, "--wait", "--deadline", 0)
    assert said.code == 9
    assert "edge lacks 1" in said.err
    status = connected("deployments", "status", deployed, "--json").document
    assert (status["name"], status["ready"]) == (deployed, False)


def test_status_is_one_page_and_check_tells_by_its_exit_code(connected: Fogline, deployed: str) -> None:
    page = connected("status")
    assert page.code == 0
    assert deployed in page.out
    said = connected("status", "--check", "--json")
    assert said.code == 1
    assert f"deployment {deployed}" in {one["subject"] for one in said.document["unwell"]}


def test_a_deleted_deployment_is_gone(connected: Fogline, deployed: str) -> None:
    assert connected("deployments", "delete", deployed).out == f"{deployed} is deleted.\n"
    names = [one["deployment"]["name"] for one in connected("deployments", "list", "--json").document["items"]]
    assert deployed not in names


def test_a_token_is_shown_with_what_to_do_with_it(connected: Fogline) -> None:
    said = connected("tokens", "create", "--label", "tier=edge", "--expires-after", 60)
    token = said.out.split()[0]
    assert f"--token {token}" in said.out
    document = connected("tokens", "create", "--json").document
    assert document["token"] != token
    assert connected("tokens", "create", "--label", "nonsense").code == 2


def test_events_come_in_order_and_go_on_after_a_sequence(connected: Fogline, deployed: str) -> None:
    first, second = connected("events", "--json", "--limit", 2).lines
    assert first["sequence"] < second["sequence"]
    (again,) = connected("events", "--json", "--limit", 1, "--after", first["sequence"]).lines
    assert again == second
    assert str(second["sequence"]) in connected("events", "--limit", 2).out


def test_a_wrong_credential_is_one_line(connected: Fogline, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not-the-credential")
    said = connected("nodes", "list", "--credential-file", wrong)
    assert (said.code, len(said.err.splitlines())) == (9, 1)
