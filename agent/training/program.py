"""A process of its own that says on standard output what it does, and leaves when it is asked to."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, NoReturn

import msgspec

from agent.training.fitting.departure import DepartedError, Departure
from shared.ending import end
from shared.errors import FoglineError

SIGTERM_EXIT = 128 + signal.SIGTERM
Said = Callable[[msgspec.Struct], None]
_encoder = msgspec.json.Encoder()


def run(name: str, work: Callable[[Said, Departure], None]) -> NoReturn:
    """What `work` says goes out as one line of JSON an event; with its end the process ends.

    With 0, the code of the error as in shared/errors.py, or 143 when it was asked to leave: by SIGTERM, by SIGINT, or
    because nobody reads its events any more.
    """
    end(_worked(name, work))


def _worked(name: str, work: Callable[[Said, Departure], None]) -> int:
    departure = Departure(lambda: os._exit(SIGTERM_EXIT))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: departure.ask())
    # A user's folder is not a place for compiled files.
    sys.dont_write_bytecode = True
    events = _own_output()

    def said(event: msgspec.Struct) -> None:
        try:
            events.write(_encoder.encode(event) + b"\n")
        except BrokenPipeError:
            departure.ask()

    try:
        work(said, departure)
    except (FoglineError, DepartedError) as error:
        with suppress(BrokenPipeError):
            sys.stderr.write(f"{name}: {error}\n")
        return error.exit_code if isinstance(error, FoglineError) else SIGTERM_EXIT
    return 0


def _own_output() -> BinaryIO:
    """Standard output for events alone, unbuffered; what anybody else prints goes to standard error from now on."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return events
