"""What a client does, without doing it: instructions, and flows that ask for them one after another.

A flow is a generator: it yields an instruction and is sent its outcome, or has the error thrown into it. So each
operation is written once, and two thin clients carry it out, one blocking and one in an event loop. `Call` and `Work`
are iterable, which lets a flow write `view = yield from call` and a type checker know what `view` is.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP answer read to its end. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """One HTTP request, and how its answer is read. `bearer` stands in for the client's own credential."""

    method: str
    path: str
    read: Callable[[Answer], T]
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    bearer: str | None = None

    def __iter__(self) -> "Steps[T]":
        outcome: T = yield self
        return outcome


@dataclass(frozen=True, slots=True)
class Work(Generic[T]):
    """A function that reads, writes or hashes a file: an event loop gives it a thread."""

    function: Callable[[], T]

    def __iter__(self) -> "Steps[T]":
        outcome: T = yield self
        return outcome


@dataclass(frozen=True, slots=True)
class Pause:
    """Time to pass before the next attempt or the next look."""

    seconds: float

    def __iter__(self) -> "Steps[None]":
        yield self


Instruction: TypeAlias = Call[Any] | Work[Any] | Pause
Steps: TypeAlias = Generator[Instruction, Any, T]


class Flow(Protocol[T_co]):
    """A call by itself, or a generator of instructions that returns a `T`."""

    def __iter__(self) -> Steps[T_co]: ...
