"""Load each network named, in a process of its own: what is known of it, or why it is none. One JSON object."""

import sys
from pathlib import Path

from agent.training.networks.source import load
from shared.documents import Framework, encode
from shared.errors import ModelError


def outcome(file: Path, framework: Framework) -> object:
    try:
        return load(file, framework).described()
    except ModelError as error:
        return str(error)


if __name__ == "__main__":
    framework = Framework(sys.argv[1])
    found = encode({name: outcome(Path(name), framework) for name in sys.argv[2:]})
    sys.stdout.buffer.write(b"\n" + found)
