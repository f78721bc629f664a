"""Load each network named, in a process of its own: what is known of it, or why it is none. One JSON object.

A chain is named as `edge=FILE,cloud=FILE`.
"""

import sys
from pathlib import Path

from agent.training.networks.source import Sources, load_sources
from shared.documents import Framework, encode
from shared.errors import ModelError


def sources(name: str) -> Sources:
    if "=" not in name:
        return Path(name)
    return {tier: Path(file) for tier, file in (link.split("=") for link in name.split(","))}


def outcome(name: str, framework: Framework) -> object:
    try:
        return load_sources(sources(name), framework).described()
    except ModelError as error:
        return str(error)


if __name__ == "__main__":
    framework = Framework(sys.argv[1])
    found = encode({name: outcome(name, framework) for name in sys.argv[2:]})
    sys.stdout.buffer.write(b"\n" + found)
