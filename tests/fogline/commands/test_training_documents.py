"""Networks, configurations and training requests as they are typed, against a real control plane."""

import hashlib
import json
from pathlib import Path

import pytest

from shared.documents import TrainingRequest, decode, encode
from tests.fogline.stage import Fogline

SOURCE = "def network():\n    return None\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "network.py").write_text(SOURCE)
    return tmp_path / "network.py"


@pytest.fixture
def configured(connected: Fogline, file: Path, unique: str, tmp_path: Path) -> str:
    """A cluster, a network and a configuration of this name."""
    (tmp_path / "cluster.toml").write_text(f'name = "{unique}"\nbootstrap_servers = ["127.0.0.1:9092", "b:9092"]\n')
    assert connected("clusters", "put", tmp_path / "cluster.toml").code == 0
    assert connected("networks", "put", unique, file).code == 0
    assert connected("configurations", "put", unique, unique).code == 0
    return unique


def test_a_network_is_uploaded_put_shown_listed_and_removed(connected: Fogline, file: Path, unique: str) -> None:
    said = connected("networks", "put", unique, file, "--description", "a small one", "--json")
    assert (said.code, said.err) == (0, "")
    (part,) = said.document["files"]
    assert part["sha256"] == hashlib.sha256(SOURCE.encode()).hexdigest()
    assert (part["size_bytes"], part["tier"], part["file"]) == (len(SOURCE), None, "network.py")
    assert connected("networks", "show", unique, "--json").document == said.document
    assert "a small one" in connected("networks", "list").out
    assert connected("networks", "remove", unique).out == f"{unique} is removed.\n"
    assert connected("networks", "show", unique).code == 9


def test_a_chain_is_put_tier_by_tier(connected: Fogline, tmp_path: Path, unique: str) -> None:
    for tier in ("edge", "cloud"):
        (tmp_path / f"{tier}.py").write_text(f"# {tier}\n{SOURCE}")
    words = [f"{tier}={tmp_path / tier}.py" for tier in ("edge", "cloud")]
    said = connected("networks", "put", unique, *words, "--framework", "torch", "--json")
    assert said.document["framework"] == "torch"
    assert [(one["tier"], one["file"]) for one in said.document["files"]] == [
        ("edge", "edge.py"),
        ("cloud", "cloud.py"),
    ]
    assert "edge edge.py > cloud cloud.py" in connected("networks", "list").out


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("{file}", "{file}"), "several files are a chain: write TIER=FILE for each"),
        (("edge={file}", "edge={file}"), "two files for tier 'edge'"),
        (("edge={file}", "nowhere.py"), "nowhere.py: no such file"),
    ],
)
def test_files_that_make_no_network_are_refused(
    connected: Fogline, file: Path, words: tuple[str, ...], reason: str
) -> None:
    said = connected("networks", "put", "never", *(word.format(file=file) for word in words))
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert reason in said.err
    assert connected("networks", "show", "never").code == 9


def test_a_name_that_none_may_have_is_refused_before_anything_is_sent(connected: Fogline, file: Path) -> None:
    said = connected("networks", "put", "Never/Ever", file)
    assert (said.code, len(said.err.splitlines())) == (3, 1)
    assert "name" in said.err


def test_a_configuration_comes_by_names_or_from_a_file(connected: Fogline, configured: str, tmp_path: Path) -> None:
    document = tmp_path / "configuration.toml"
    document.write_text(f'name = "{configured}-file"\nnetworks = ["{configured}"]\n')
    said = connected("configurations", "put", document, "--description", "from a file", "--json")
    assert said.document["networks"] == [configured]
    shown = connected("configurations", "show", f"{configured}-file", "--json").document
    assert (shown, shown["description"]) == (said.document, "from a file")
    listed = {one["name"] for one in connected("configurations", "list", "--json").document["items"]}
    assert {configured, f"{configured}-file"} <= listed
    assert connected("networks", "remove", configured).code == 9
    assert connected("configurations", "remove", f"{configured}-file").code == 0


def test_a_configuration_by_its_name_alone_says_what_is_missing(connected: Fogline) -> None:
    said = connected("configurations", "put", "digits")
    assert (said.code, said.err) == (
        2,
        "fogline: digits is no file; a configuration by its name needs its networks after it\n",
    )


def test_a_request_tells_its_number_and_how_kafka_ml_reaches_it(connected: Fogline, configured: str) -> None:
    said = connected("requests", "put", configured, "--configuration", configured, "--cluster", configured)
    assert (said.code, said.err) == (0, "")
    number = connected("requests", "show", configured, "--json").document["number"]
    assert number not in range(48, 58)
    assert f"deployment_id={number}, control_topic='KAFKA_ML_CONTROL_TOPIC', brokers 127.0.0.1:9092,b:9092" in said.out
    assert f"fogline streams send FILE --topic TOPIC --request {configured}" in said.out
    assert connected("requests", "remove", configured).out == f"{configured} is removed.\n"


def test_options_stand_above_what_the_file_says(connected: Fogline, configured: str, tmp_path: Path) -> None:
    document = tmp_path / "request.json"
    optimiser = {"name": "sgd", "learning_rate": 0.5}
    fields = {"name": configured, "configuration": configured, "cluster": configured}
    document.write_text(json.dumps({**fields, "parameters": {"epochs": 3, "optimiser": optimiser}}))
    options = {
        "--epochs": 7,
        "--learning-rate": "0.25",
        "--validation": "0.2",
        "--test": "0.3",
        "--format": "keras",
        "--precision": "float16",
        "--selector": "gpu=true",
        "--seed": 5,
        "--number": 77,
    }
    words = [word for pair in options.items() for word in pair]
    said = connected("requests", "put", document, *words, "--json")
    found = decode(encode(said.document), TrainingRequest)
    assert (found.number, found.parameters.epochs, found.parameters.seed, found.selector) == (77, 7, 5, {"gpu": "true"})
    assert (found.parameters.optimiser.name, found.parameters.optimiser.learning_rate) == ("sgd", 0.25)
    assert found.rates is not None
    assert found.rates.shares == pytest.approx((0.5, 0.2, 0.3))
    assert [(form.format, form.precision) for form in found.export.forms] == [("keras", "float16")]
    again = connected("requests", "put", document, "--json").document
    assert (again["number"], again["parameters"]["epochs"]) == (77, 3)


def test_a_wrong_field_of_a_request_is_named(connected: Fogline, configured: str, tmp_path: Path) -> None:
    said = connected(
        "requests", "put", configured, "--configuration", configured, "--cluster", configured, "--number", 50
    )
    assert (said.code, len(said.err.splitlines())) == (3, 1)
    assert "reads as the digit 2" in said.err
    document = tmp_path / "request.toml"
    document.write_text(f'name = "{configured}"\nconfiguration = "{configured}"\ncluster = "c"\nepochs = 3\n')
    assert "epochs" in connected("requests", "put", document).err
    said = connected("requests", "put", "digits")
    assert (said.code, "needs --configuration and --cluster" in said.err) == (2, True)


def test_a_request_of_a_configuration_that_is_not_there_is_refused(connected: Fogline, configured: str) -> None:
    said = connected("requests", "put", "nothing", "--configuration", f"{configured}-x", "--cluster", configured)
    assert (said.code, len(said.err.splitlines())) == (9, 1)
    assert said.err.startswith("fogline: configuration: ")
