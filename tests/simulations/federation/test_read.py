"""What is wrong with a file is said with the field's name."""

from pathlib import Path

import msgspec
import pytest

from shared.errors import DocumentError, SettingsError
from simulations.federation.document import (
    Absence,
    Data,
    Dirichlet,
    FederationExperiment,
    FewClasses,
    Hostile,
    Joining,
    Leaving,
    Link,
    LocalTraining,
    Normal,
    Uniform,
)
from simulations.federation.read import load, parse
from tests.simulations.federation.written import TEXT, write

ROOT = Path(__file__).parents[3]
DOCUMENTS = [
    FederationExperiment,
    Data,
    Dirichlet,
    FewClasses,
    LocalTraining,
    Normal,
    Uniform,
    Link,
    Absence,
    Leaving,
    Joining,
    Hostile,
]
FILES = sorted((ROOT / "simulations" / "federation").glob("*.toml"))


def test_a_file_is_read_with_its_digest_and_folder(tmp_path: Path) -> None:
    found = load(write(tmp_path))
    assert (found.experiment.name, found.experiment.seeds, found.folder) == ("points", (1, 2), tmp_path)
    assert len(found.digest) == 64


@pytest.mark.parametrize(
    ("written", "instead", "field"),
    [
        ("sites = 4", "sites = 0", "sites"),
        ("sites = 4", "site = 4", ""),
        ("seeds = [1, 2]", "seeds = []", "seeds"),
        ('kind = "few-classes"', 'kind = "fewclasses"', "data.split.kind"),
        (', test = "test.npz"', "", "data"),
        ("steps = 2", "steps = 0", "training.steps"),
        ('name = "mifa"', 'name = "fedvag"', "strategy"),
        ('name = "mifa"', 'name = "mifa", parameters = { momentum = 2 }', "strategy"),
        ('name = "mifa"', 'name = "krum", parameters = { hostile = 4 }', "strategy"),
        ("updates = 2", "updates = 5", "rounds.updates"),
        ("judge_every = 7", 'speeds = { kind = "uniform", least = 3, most = "4 s" }', "speeds.least"),
        ("judge_every = 7", 'hostile = { sites = 1, attack = "nothing" }', "hostile.attack"),
        ("judge_every = 7", 'hostile = { sites = 4, attack = "nan" }', ""),
        ("judge_every = 7", 'absence = { crashes = "100 %" }', "absence"),
        ("judge_every = 7", "absence = { leaving = { sites = 5, updates = 1 } }", ""),
        ("judge_every = 7", 'encoding = { kind = "int4" }', "encoding.kind"),
    ],
)
def test_what_is_wrong_is_named(written: str, instead: str, field: str) -> None:
    assert written in TEXT
    with pytest.raises(DocumentError) as failed:
        parse(TEXT.replace(written, instead))
    assert failed.value.field == field


def test_what_is_no_file_or_no_toml_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.toml cannot be read: No such file"):
        load(tmp_path / "none.toml")
    (tmp_path / "wrong.toml").write_text("name =")
    with pytest.raises(DocumentError, match=r"not TOML: .*wrong.toml"):
        load(tmp_path / "wrong.toml")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_federation_can_be_run_and_says_on_top_what_it_asks(file: Path) -> None:
    load(file)
    lines = file.read_text().splitlines()
    assert lines[0].startswith("# ")
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_field_is_documented(kind: type[msgspec.Struct]) -> None:
    text = (ROOT / "docs" / "federation-figures.md").read_text()
    assert [name for name in kind.__struct_fields__ if f"`{name}`" not in text] == []


def test_every_federation_that_comes_with_it_is_named_with_its_command() -> None:
    text = (ROOT / "docs" / "federation-figures.md").read_text()
    assert [file.stem for file in FILES if file.name not in text] == []
