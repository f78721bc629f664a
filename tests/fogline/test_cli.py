"""The command line as a whole: fast, and every command explains itself by example."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from fogline.cli import PARTS, build
from tests.fogline.stage import Fogline

FOGLINE = Path(sys.executable).with_name("fogline")
HELP_CPU_S = 0.5


def commands(group: object, *path: str) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command that does something, with the words that call it."""
    below = getattr(group, "commands", None)
    if below is None:
        yield path, group
        return
    for name, command in below.items():
        yield from commands(command, *path, name)


ALL = dict(commands(typer.main.get_command(build(PARTS))))


def test_help_takes_little_time() -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([FOGLINE, "--help"], capture_output=True, check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < HELP_CPU_S


@pytest.mark.parametrize(
    "arguments", [["--help"], ["nodes", "--help"], ["models", "--help"], ["send", "--help"], ["watch", "--help"]]
)
def test_help_loads_neither_kafka_nor_numpy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom fogline import cli\n"
        f"code = cli.run({arguments!r})\n"
        "print({'aiokafka', 'numpy', 'controlplane', 'tensorflow'} & set(sys.modules), code, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr == "set() 0\n"


def test_help_lists_every_part(fogline: Fogline) -> None:
    listed = fogline("--help").out
    assert [name for name in PARTS if f"  {name} " not in listed] == []


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_says_what_it_does_and_shows_an_example(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert getattr(command, "help", None), "no docstring"
    assert f"fogline {path[0]}" in str(getattr(command, "epilog", "")), "no example"


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_that_answers_can_answer_in_json(path: tuple[str, ...]) -> None:
    options = [option for one in getattr(ALL[path], "params", []) for option in one.opts]
    assert "--json" in options or path == ("agent", "run")


def test_version(fogline: Fogline) -> None:
    assert fogline("--version").out.startswith("fogline ")


def test_no_arguments_show_help(fogline: Fogline) -> None:
    assert "Commands:" in fogline().out + fogline().err
