"""docs/kafka.md says everything, and what it says is so."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fogline.commands.kafka import app
from simulations.kafka import lock

TEXT = (Path(__file__).parents[3] / "docs" / "kafka.md").read_text()


def test_every_option_of_start_is_in_the_table() -> None:
    told = CliRunner().invoke(app, ["start", "--help"]).stdout
    options = set(re.findall(r"^ +(--[a-z-]+)", told, re.MULTILINE)) - {"--help"}
    assert set(re.findall(r"^\| `(--[a-z-]+)`", TEXT, re.MULTILINE)) == options


@pytest.mark.parametrize("name", ["start", "stop", "status"])
def test_every_command_has_its_section(name: str) -> None:
    assert f"## `fogline kafka {name}`" in TEXT


def test_the_version_and_the_number_of_jars_are_those_of_the_lock() -> None:
    jars = lock.load()
    assert f"version {lock.kafka_version(jars)}" in TEXT
    assert f"{len(jars)} jars" in TEXT
