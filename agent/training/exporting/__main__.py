"""`python -m agent.training.exporting FOLDER`: a trained network to artifacts, in a process of its own.

On standard output one line of JSON an event (events.py), on standard error what a person should read, what the user's
network prints included. Ends as `python -m agent.training` does: start it again and it finds what is done.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from agent.training.exporting.exporter import Exporter
from agent.training.program import run


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(
        prog="python -m agent.training.exporting", description="Export a trained network as sub-models."
    )
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="of a finished run, with export.json; the artifacts are put there"
    )
    folder = parser.parse_args(arguments).folder
    run("exporting", lambda said, _: Exporter(folder=folder, said=said).export())


if __name__ == "__main__":
    main()
