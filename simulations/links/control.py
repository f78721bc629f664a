"""What a running shaper is told, one JSON document a line, and what it answers."""

from typing import Annotated

from msgspec import Meta

from shared.documents.codec import decode
from shared.documents.types import Document, Message
from shared.errors import DocumentError
from simulations.links.statistics import ShaperStatistics


class Control(Document, frozen=True, kw_only=True):
    """One of them: the name of the link that it is for, or true for a report."""

    cut: str | None = None
    mend: str | None = None
    slow: str | None = None
    factor: Annotated[float, Meta(gt=0, le=1e6)] = 1.0
    report: bool = False


class Cut(Message, frozen=True, kw_only=True):
    link: str


class Mend(Message, frozen=True, kw_only=True):
    link: str


class Slow(Message, frozen=True, kw_only=True):
    """The latency is `factor` times that of the settings from now on."""

    link: str
    factor: float


class Report(Message, frozen=True, kw_only=True):
    """The statistics since the last one, or since the start."""


Order = Cut | Mend | Slow
Command = Order | Report


class Ready(Message, frozen=True, kw_only=True, tag_field="kind", tag="ready"):
    """`ports` in the order of the routes."""

    ports: tuple[int, ...]


class Answer(Message, frozen=True, kw_only=True, tag_field="kind", tag="answer"):
    """`at_s`: the reading of CLOCK_MONOTONIC since which it is so; `refused`: why it is not, empty otherwise.

    `statistics` answer a report only.
    """

    at_s: float = 0.0
    refused: str = ""
    statistics: ShaperStatistics | None = None


def parse(line: bytes, links: frozenset[str]) -> Command:
    """Raises DocumentError: not a command, or for a link that is not there."""
    control = decode(line, Control)
    commands = _commands(control)
    if len(commands) != 1:
        raise DocumentError('one of "cut", "mend", "slow" and "report" is needed')
    command = commands[0]
    if not isinstance(command, Report) and command.link not in links:
        raise DocumentError(f"there is no link {command.link!r}; there are {', '.join(sorted(links)) or 'none'}")
    return command


def written(command: Command) -> Control:
    match command:
        case Cut():
            return Control(cut=command.link)
        case Mend():
            return Control(mend=command.link)
        case Slow():
            return Control(slow=command.link, factor=command.factor)
        case Report():
            return Control(report=True)


def _commands(control: Control) -> list[Command]:
    commands: list[Command] = []
    if control.cut is not None:
        commands.append(Cut(link=control.cut))
    if control.mend is not None:
        commands.append(Mend(link=control.mend))
    if control.slow is not None:
        commands.append(Slow(link=control.slow, factor=control.factor))
    if control.report:
        commands.append(Report())
    return commands
