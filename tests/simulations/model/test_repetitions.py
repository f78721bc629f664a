"""Another number of repetitions, in the text too."""

from hashlib import sha256
from pathlib import Path

import pytest

from shared.errors import DocumentError
from simulations.experiment.read import ExperimentFile, load, parse
from simulations.model.repetitions import with_repetitions

HEAD = 'api_version = "fogline/v1"\nkind = "experiment"\nname = "one"\n'
TIERS = '[[tiers]]\nname = "edge"\n[load]\nrate = "1 /s"\nduration = "1 s"\n'


@pytest.mark.parametrize("line", ["", "repetitions = 7\n", "  repetitions=7 # often\n"])
def test_the_text_says_it_too(line: str, tmp_path: Path) -> None:
    changed = with_repetitions(written(tmp_path, HEAD + line + TIERS), 3)
    assert changed.experiment.repetitions == parse(changed.text).repetitions == 3
    assert changed.digest == sha256(changed.text.encode()).hexdigest()


def test_the_word_in_a_table_is_left_alone(tmp_path: Path) -> None:
    text = HEAD + 'title = "repetitions = 9"\n' + TIERS
    changed = with_repetitions(written(tmp_path, text), 3)
    assert changed.experiment.title == "repetitions = 9"


def test_a_number_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="repetitions"):
        with_repetitions(written(tmp_path, HEAD + TIERS), 0)


def written(folder: Path, text: str) -> ExperimentFile:
    (folder / "one.toml").write_text(text)
    return load(folder / "one.toml")
