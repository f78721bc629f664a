"""`python -m agent.training FOLDER`: one run of training in a process of its own.

On standard output one line of JSON an event (progress.py), on standard error what a person should read, what the
user's network prints included. Ends with 0, with the code of the error as in shared/errors.py, or with 143 when it was
asked to leave (SIGTERM, SIGINT, nobody reading its events any more): start it again and it goes on.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from agent.training.program import run
from agent.training.trainer import Trainer


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m agent.training", description="Train and judge one network.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with task.json; the results are written there")
    folder = parser.parse_args(arguments).folder
    run(
        "training",
        lambda said, departure: Trainer(folder=folder, said=said, departure=departure, clock=time.monotonic).train(),
    )


if __name__ == "__main__":
    main()
