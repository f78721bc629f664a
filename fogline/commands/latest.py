"""The latest of a list that grows for ever."""

from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from fogline.output import console

T = TypeVar("T")
Limit = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="How many at most, the latest first.  [default: 100]")
]
_SHOWN = 100


def latest(ask: Callable[[int], tuple[T, ...]], limit: int | None) -> tuple[T, ...]:
    """`ask` gives so many; where nobody said how many and there are more, that is said."""
    if limit is not None:
        return ask(limit)
    found = ask(_SHOWN + 1)
    if len(found) > _SHOWN:
        console(stderr=True).print(f"fogline: these are the latest {_SHOWN}; --limit shows more")
    return found[:_SHOWN]
