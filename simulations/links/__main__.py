"""`python -m simulations.links SETTINGS.json`: shapes until SIGTERM, and obeys the commands on its standard input."""

import sys
from pathlib import Path

from shared.documents.codec import encode
from shared.errors import FoglineError
from simulations.links.control import Answer, Ready
from simulations.links.promptness import be_prompt
from simulations.links.settings import load
from simulations.links.shaper import Shaper, allow_many_connections


def main() -> int:
    try:
        settings = load(Path(sys.argv[1]))
        with Shaper(settings, scheduling=be_prompt(), say=_say) as shaper:
            allow_many_connections()
            _say(Ready(ports=shaper.ports))
            shaper.run()
    except FoglineError as error:
        sys.stderr.write(f"shaper: {error}\n")
        return error.exit_code
    return 0


def _say(message: Ready | Answer) -> None:
    sys.stdout.write(f"{encode(message).decode()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
