"""What every kind of file becomes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.errors import SettingsError

# More different texts than that are no classes, but somebody's names or notes.
MOST_CLASSES = 10_000


class Block(NamedTuple):
    """`x` is `[n, *shape]`, `y` has a row for each, or is None where there are no labels."""

    x: NDArray[Any]
    y: NDArray[Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """`classes` are the names of those labels that were text, in the order of their numbers."""

    total: int
    classes: tuple[str, ...] = ()
    blocks: Callable[[], Iterator[Block]]


def numbers_of(texts: Sequence[str], classes: Sequence[str], where: str) -> NDArray[np.int64]:
    """The place of each in `classes`. Raises SettingsError for a text that was not there when they were looked for."""
    places = {name: place for place, name in enumerate(classes)}
    try:
        return np.array([places[text] for text in texts], np.int64)
    except KeyError as error:
        raise SettingsError(f"{where} was changed while it was read: {error} is a new label") from error


def sorted_classes(texts: set[str], where: str) -> tuple[str, ...]:
    """Raises SettingsError for too many of them."""
    if len(texts) > MOST_CLASSES:
        raise SettingsError(
            f"{where}: more than {MOST_CLASSES} different texts are no classes; which one is the label?"
        )
    return tuple(sorted(texts))
