"""Join the chain in each folder of a folder, its files called 1-edge.py, 2-fog.py and so on. One JSON object."""

import sys
from pathlib import Path

from agent.training.networks.source import load_sources
from shared.documents import Framework, encode
from shared.errors import ModelError


def outcome(folder: Path) -> object:
    try:
        files = {file.stem.partition("-")[2]: file for file in sorted(folder.glob("*.py"))}
        return load_sources(files, Framework.KERAS).described()
    except ModelError as error:
        return str(error)


if __name__ == "__main__":
    found = encode({one.name: outcome(one) for one in sorted(Path(sys.argv[1]).iterdir())})
    sys.stdout.buffer.write(b"\n" + found)
