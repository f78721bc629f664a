"""Work in a thread, which nothing can cancel."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


async def to_its_end(work: Callable[P, T], *given: P.args, **named: P.kwargs) -> T:
    """As `asyncio.to_thread`, but cancelled, it ends once the work has: a thread goes on, and whoever comes next would
    do the same to the same file beside it."""
    working = asyncio.get_running_loop().run_in_executor(None, partial(work, *given, **named))
    try:
        return await asyncio.shield(working)
    finally:
        await asyncio.wait((working,))
