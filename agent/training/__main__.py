"""`python -m agent.training FOLDER`: one run of training in a process of its own.

On standard output one line of JSON an event (progress.py), on standard error what a person should read, what the
user's network prints included. Ends with 0, with the code of the error as in shared/errors.py, or with 143 when it was
asked to leave (SIGTERM, SIGINT, nobody reading its events any more): start it again and it goes on.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import msgspec

from agent.training.fitting.departure import DepartedError, Departure
from agent.training.fitting.progress import Event
from agent.training.trainer import Trainer
from shared.errors import FoglineError

_encoder = msgspec.json.Encoder()
SIGTERM_EXIT = 128 + signal.SIGTERM


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m agent.training", description="Train and judge one network.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with task.json; the results are written there")
    sys.exit(_run(parser.parse_args(arguments).folder))


def _run(folder: Path) -> int:
    departure = Departure(lambda: os._exit(SIGTERM_EXIT))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: departure.ask())
    # A user's folder is not a place for compiled files.
    sys.dont_write_bytecode = True
    events = _own_output()

    def said(event: Event) -> None:
        try:
            events.write(_encoder.encode(event) + b"\n")
        except BrokenPipeError:
            departure.ask()

    try:
        Trainer(folder=folder, said=said, departure=departure, clock=time.monotonic).train()
    except (FoglineError, DepartedError) as error:
        with suppress(BrokenPipeError):
            sys.stderr.write(f"training: {error}\n")
        return error.exit_code if isinstance(error, FoglineError) else SIGTERM_EXIT
    return 0


def _own_output() -> BinaryIO:
    """Standard output for events alone, unbuffered; what anybody else prints goes to standard error from now on."""
    events = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return events


if __name__ == "__main__":
    main()
