"""An operation is described once and is a plain method on the blocking client, a coroutine on the other."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from shared.client.flow import Flow

P = ParamSpec("P")
T = TypeVar("T")


class Blocking:
    """Marks the operations of `Client`: they return their outcome."""


class Awaited:
    """Marks the operations of `AsyncClient`: they return a coroutine of it."""


M = TypeVar("M", Blocking, Awaited)


class Group(Generic[M]):
    """Operations on one noun. `perform` carries a flow out: the client's own."""

    def __init__(self, perform: Callable[[Flow[Any]], Any]) -> None:
        self._perform = perform


class operation(Generic[P, T]):  # noqa: N801  # a decorator reads like one
    """Turns `(self, ...) -> Flow[T]` into a method that returns T, or a coroutine of T, as its group's marker says."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        self.describe = describe
        self.__doc__ = describe.__doc__

    @overload
    def __get__(self, group: None, owner: type) -> "operation[P, T]": ...
    @overload
    def __get__(self, group: Group[Blocking], owner: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, group: Group[Awaited], owner: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, group: Group[Any] | None, owner: type) -> Any:
        if group is None:
            return self

        @wraps(self.describe)
        def perform(*arguments: P.args, **options: P.kwargs) -> object:
            return group._perform(self.describe(group, *arguments, **options))

        return perform
