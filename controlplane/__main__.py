"""`python -m controlplane`. Ends with the exit code of the error that ended it."""

import sys
from collections.abc import Sequence

from controlplane import logs
from controlplane.serve import print_ready_line, serve
from controlplane.settings import load
from shared.ending import end
from shared.errors import FoglineError


def main(arguments: Sequence[str] | None = None) -> int:
    try:
        settings = load(sys.argv[1:] if arguments is None else arguments)
        logs.install(settings.log_level)
        serve(settings, announce=print_ready_line)
    except FoglineError as error:
        sys.stderr.write(f"controlplane: {error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    end(main())
