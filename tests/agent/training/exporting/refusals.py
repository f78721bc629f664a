"""Export each run of a folder, all in this process: why none of them can be. One JSON object."""

import sys
from pathlib import Path

from agent.training.exporting.exporter import Exporter
from shared.documents import encode
from shared.errors import FoglineError


def outcome(folder: Path) -> str | None:
    try:
        Exporter(folder=folder, said=lambda event: None).export()
    except FoglineError as error:
        return str(error)
    return None


if __name__ == "__main__":
    found = encode({one.name: outcome(one) for one in sorted(Path(sys.argv[1]).iterdir())})
    sys.stdout.buffer.write(b"\n" + found)
