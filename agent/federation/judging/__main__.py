"""`python -m agent.federation.judging FOLDER`: a network and the records that global models are judged by.

FOLDER holds task.json as a run's does, of a shelf with the evaluation stream or of none. Questions (words.py) come on
standard input, a line of JSON each; answers and what a person should know go to standard output. Ends as
`python -m agent.training` does, or with 0 at the end of its questions.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from agent.federation.judging.bench import Bench
from agent.training.program import run


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m agent.federation.judging", description="Judge global models.")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="with task.json; weights are read and left there")
    folder = parser.parse_args(arguments).folder
    run("judging", lambda said, _: Bench(folder=folder, said=said).sit(sys.stdin.buffer))


if __name__ == "__main__":
    main()
