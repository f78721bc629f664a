"""Where in a user's file something went wrong, and what, in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from agent.backends.frameworks import one_line


def place(file: Path, error: BaseException, *, otherwise: int = 1) -> str:
    """The last line of the file on the way to the error."""
    # Python knows a file by its whole path, whichever it was named by.
    names = {str(file), str(file.absolute())}
    if isinstance(error, SyntaxError) and error.filename in names:
        return f"{file}:{error.lineno or otherwise}"
    line, trace = otherwise, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename in names:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{file}:{line}"


def said(error: BaseException) -> str:
    text = (
        error.msg if isinstance(error, SyntaxError) else one_line(error) if isinstance(error, Exception) else str(error)
    )
    return f"{type(error).__name__}: {text}"


def line_of(function: Callable[..., Any]) -> int:
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None else 1
