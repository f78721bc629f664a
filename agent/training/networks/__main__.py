"""`python -m agent.training.networks FILE`, or `TIER=FILE ...`: what there is to know of a network. Runs user's code.

On standard output the Description as JSON, over many short lines; on standard error one line that says what is wrong,
the last one, after whatever the network prints. Ends with 0 or the code of the error, as in shared/errors.py.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import msgspec

from agent.training.networks.source import Sources, load_sources
from shared.documents import Framework, encode
from shared.ending import end
from shared.errors import FoglineError


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    parser = argparse.ArgumentParser(prog="python -m agent.training.networks", description="Describe one network.")
    parser.add_argument("files", nargs="+", metavar="FILE", help="of the whole network; TIER=FILE for each of a chain")
    parser.add_argument("--framework", type=Framework, choices=list(Framework), default=Framework.KERAS)
    given = parser.parse_args(arguments)
    sys.dont_write_bytecode = True
    told = os.dup(sys.stdout.fileno())
    # What the user's file prints is not the description.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        description = load_sources(_sources(given.files), given.framework).described()
    except FoglineError as error:
        sys.stderr.write(f"{error}\n")
        end(error.exit_code)
    with os.fdopen(told, "wb") as out:
        out.write(msgspec.json.format(encode(description), indent=1) + b"\n")
    end(0)


def _sources(files: Sequence[str]) -> Sources:
    if len(files) == 1:
        return Path(files[0])
    named = (file.partition("=") for file in files)
    return {tier: Path(file) for tier, _, file in named}


if __name__ == "__main__":
    main()
