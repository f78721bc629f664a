"""Being asked to leave: at once where nothing is to be saved, else where it can be."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class DepartedError(Exception):
    """Nothing is wrong: a checkpoint was written, and the next process goes on from there."""


class Departure:
    """`ask` may be called from a signal handler, between any two instructions."""

    def __init__(self, leave: Callable[[], None]) -> None:
        self._leave = leave
        self._is_deferred = False
        self.asked = False

    def ask(self) -> None:
        self.asked = True
        if not self._is_deferred:
            self._leave()

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Whoever is inside looks at `asked`, saves, and raises DepartedError."""
        self._is_deferred = True
        try:
            yield
        finally:
            self._is_deferred = False
        if self.asked:
            self._leave()
