"""`python -m agent.training.online.reading FOLDER`: reads an open topic into windows, for another process to train on.

Standard input holds the cluster's document, with its secrets. What it says and how it ends is as with
`python -m agent.training`.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from agent.training.online.reader import OnlineReader
from agent.training.program import run
from shared.documents import Cluster, decode


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m agent.training.online.reading", description="Read for ever.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with online.json; windows are written there")
    folder = parser.parse_args(arguments).folder
    run(
        "reading",
        lambda said, _: asyncio.run(
            OnlineReader(folder=folder, cluster=decode(sys.stdin.buffer.read(), Cluster), said=said).read()
        ),
    )


if __name__ == "__main__":
    main()
