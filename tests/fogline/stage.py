"""The command line in this process, and what it said."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any


@dataclass(frozen=True, kw_only=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever JSON holds
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Fogline = Callable[..., Said]


def await_line(said: IO[str], words: str) -> str:
    """A line says again what is known when nothing has happened for a while."""
    return next(line for line in said if words in line)
