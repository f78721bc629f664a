"""`python -m agent.training.online FOLDER`: trains on the windows that another process puts there (reading.py).

What it says and how it ends is as with `python -m agent.training` (events.py). It needs no network.
"""

import argparse
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from agent.training.online.trainer import OnlineTrainer
from agent.training.program import run

# The reader is another process, and a file announces itself to nobody.
_LOOK_S = 0.1


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m agent.training.online", description="Train one network for ever.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with online.json; versions are published there")
    folder = parser.parse_args(arguments).folder
    idle = partial(time.sleep, _LOOK_S)
    run(
        "training",
        lambda said, departure: OnlineTrainer(
            folder=folder, said=said, departure=departure, clock=time.monotonic, idle=idle
        ).train(),
    )


if __name__ == "__main__":
    main()
