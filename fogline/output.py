"""What a command prints: a document for programs, a view of it for people."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from rich.console import Console, RenderableType

from shared.documents import encode

# Wide enough that nothing is cut where no terminal says how wide it is.
UNBOUNDED_WIDTH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`view` is made only when a person asks. `exit_code` is for commands that answer a question by it."""

    document: object
    view: Callable[[], RenderableType]
    exit_code: int = 0


def show(page: Page, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.format(encode(page.document), indent=2).decode() + "\n")
    else:
        console().print(page.view())


def line(document: object) -> None:
    """One document of a stream that has no end."""
    sys.stdout.write(encode(document).decode() + "\n")
    sys.stdout.flush()


def console(*, stderr: bool = False) -> Console:
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, width=None if stream.isatty() else UNBOUNDED_WIDTH, highlight=False, markup=False)
