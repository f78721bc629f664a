"""The next batch is gathered while the network learns from this one."""

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """The same in the same order, what it raises included, in a thread that is one item ahead and no further.

    To be closed, or read to its end: on return nothing of it is left.
    """
    following: Callable[[], object] = lambda: next(items, _END)  # noqa: E731 - a name for the thread's one task
    with ThreadPoolExecutor(1, thread_name_prefix="batches") as thread:
        waiting = thread.submit(following)
        while (item := waiting.result()) is not _END:
            waiting = thread.submit(following)
            yield item  # type: ignore[misc]  # what is not the end is an item
