"""Answers of the control plane to documents, and its problems to errors."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Generic, TypeVar

import msgspec

from shared.client.errors import ControlPlaneUnreachableError
from shared.client.flow import Answer
from shared.documents import Message, Problem, decode
from shared.errors import ControlPlaneError, DocumentError

T = TypeVar("T")
TRY_LATER = frozenset({429, 502, 503, 504})
EXCERPT = 120


def document(kind: type[T]) -> Callable[[Answer], T]:
    def read(answer: Answer) -> T:
        refuse_problems(answer)
        try:
            return decode(answer.body, kind)
        except DocumentError as error:
            raise _not_ours(answer, f"expected {kind.__name__}: {error}") from error

    return read


class Page(Message, Generic[T], frozen=True, kw_only=True):
    """`next`: what `before` must be for the page after this one; None at the end."""

    items: tuple[T, ...]
    next: str | None = None


def page(kind: type[T]) -> Callable[[Answer], Page[T]]:
    return document(Page[kind])  # type: ignore[valid-type]  # a type made for this kind, as msgspec needs it


def items(kind: type[T]) -> Callable[[Answer], tuple[T, ...]]:
    whole = page(kind)

    def read(answer: Answer) -> tuple[T, ...]:
        return whole(answer).items

    return read


def nothing(answer: Answer) -> None:
    refuse_problems(answer)


def refuse_problems(answer: Answer) -> None:
    """Raises ControlPlaneError for anything but success, with the problem's reason and field when it is one."""
    if 200 <= answer.status < 300:
        return
    kind = ControlPlaneUnreachableError if answer.status in TRY_LATER else ControlPlaneError
    problem = _problem(answer)
    if problem is None:
        raise kind(_phrase(answer), status=answer.status)
    reason = problem.detail or problem.title
    raise kind(f"{problem.field}: {reason}" if problem.field else reason, status=answer.status, field=problem.field)


def _problem(answer: Answer) -> Problem | None:
    try:
        return decode(answer.body, Problem)
    except DocumentError:
        return None


def _phrase(answer: Answer) -> str:
    if location := answer.headers.get("location"):
        return f"answered {answer.status}, go to {location}: give that URL if you trust it"
    try:
        return f"answered {answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        return f"answered {answer.status}"


def _not_ours(answer: Answer, reason: str) -> ControlPlaneError:
    begin = answer.body[:EXCERPT].decode(errors="replace")
    kind = answer.headers.get("content-type", "no content type")
    return ControlPlaneError(
        f"the answer is not from a control plane of this version ({reason}): {kind}, {begin!r}", status=answer.status
    )


def lines_decoder(kind: type[T]) -> Callable[[str], T | None]:
    """For newline-delimited JSON: each line to a document, a heartbeat to None."""
    decoder = msgspec.json.Decoder(kind)

    def read(line: str) -> T | None:
        if not line.strip():
            return None
        try:
            return decoder.decode(line)
        except msgspec.DecodeError as error:
            raise ControlPlaneError(
                f"a line of the stream is no {kind.__name__} ({error}): {line[:EXCERPT]!r}"
            ) from error

    return read
