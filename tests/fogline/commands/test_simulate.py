"""`fogline simulate` where what it needs is not there."""

import sys
from pathlib import Path

import pytest

from fogline.cli import run


@pytest.mark.parametrize("words", [["run", "any.toml"], ["report", "anywhere"]])
def test_without_its_extra_it_says_how_to_get_it(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "pyarrow", None)  # as Python marks what cannot be imported
    assert run(["simulate", *words]) == 10
    assert capsys.readouterr().err == "fogline: experiments need pyarrow: pip install 'fogline[experiments]'\n"
