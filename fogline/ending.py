"""How a command ends: its exit code, and one line on stderr when something went wrong. Never a traceback."""

import os
import sys
import traceback
from collections.abc import Callable

import typer

from shared.errors import FoglineError

USAGE = 2
INTERNAL = 70
INTERRUPTED = 130
# As Typer itself ends a program whose reader has gone.
READER_GONE = 1


def code_of(command: Callable[[], object]) -> int:
    """0 when all is well, an error's own `exit_code`, 2 for wrong use, 130 for Ctrl-C, 70 for a mistake of ours."""
    try:
        outcome = command()
        sys.stdout.flush()
        return outcome if isinstance(outcome, int) else 0
    except FoglineError as error:
        # A note says what was done before it went wrong.
        return _failed("; ".join([str(error), *getattr(error, "__notes__", ())]), error.exit_code)
    except typer.TyperException as error:
        return _misused(error)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads has seen enough; nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except Exception as error:  # noqa: BLE001 - the last place before the user's terminal
        return _failed(_mistake(error), INTERNAL)


def _failed(message: str, code: int) -> int:
    sys.stderr.write(f"fogline: {message}\n")
    return code


def _misused(error: typer.TyperException) -> int:
    context = getattr(error, "ctx", None)
    message = getattr(error, "format_message", error.__str__)()
    if context is not None and message == context.get_help():
        # A group without a command: its help says which there are.
        sys.stderr.write(f"{message}\n")
        return USAGE
    where = context.command_path if context is not None else "fogline"
    return _failed(f"{' '.join(message.split()).rstrip('.')}. See `{where} --help`.", USAGE)


def _mistake(error: Exception) -> str:
    if os.environ.get("FOGLINE_TRACEBACK"):
        traceback.print_exception(error)
    return (
        f"a mistake of Fogline's own: {type(error).__name__}: {error}. "
        "Set FOGLINE_TRACEBACK=1 to see where, and please report it."
    )
