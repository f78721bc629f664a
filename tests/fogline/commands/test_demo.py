"""What `fogline demo` refuses before it starts anything."""

import pytest
import typer

from fogline.cli import build, run
from simulations.experiment.presets import PRESETS


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--links", "isdn"], 2, "no links 'isdn', only lan, wifi, 4g"),
        (["--links", "4g", "--bootstrap-servers", "localhost:1"], 2, "leave --bootstrap-servers out"),
        (["--links", "4g", "--example", "."], 2, "leave --example out"),
        (["--links", "4g", "--rate", "inf"], 2, "at most 2000 images a second"),
        (["--links", "4g", "--records", "0"], 2, "--records"),
    ],
)
def test_nonsense_is_refused_in_one_line(
    words: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["demo", *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_the_help_names_all_presets() -> None:
    command = typer.main.get_command(build(["demo"])).commands["demo"]  # type: ignore[attr-defined]  # a group
    (help,) = (option.help for option in command.params if option.name == "links")
    assert ", ".join(PRESETS) in help
