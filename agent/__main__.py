"""`fogline-agent`, and `python -m agent`."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from agent import logs
from agent.arguments import flags
from agent.daemon import serve
from agent.kinds import kinds
from agent.memory import share_one_arena
from agent.settings_sources import load
from agent.systemd import service_manager
from agent.traces import open_traces
from agent.workloads import Kind
from shared.ending import end
from shared.errors import FoglineError
from shared.importing import importing


def main(arguments: Sequence[str] | None = None, *, known: Mapping[str, Kind] | None = None) -> NoReturn:
    """Run the agent until it was drained; exits with the error's own code. `known`: other kinds of workload."""
    end(_run(sys.argv[1:] if arguments is None else arguments, kinds() if known is None else known))


def _run(arguments: Sequence[str], known: Mapping[str, Kind]) -> int:
    try:
        given = flags(arguments)
        if given.pop("version", False):
            sys.stdout.write(f"fogline-agent {_version()}\n")
            return 0
        settings = load(given, os.environ)
        logs.configure(settings.log_format, settings.log_level)
        service = service_manager(os.environ, process=os.getpid())
        share_one_arena()
        with open_traces(settings.otel_endpoint, os.environ) as traces:
            asyncio.run(serve(settings, kinds=known, service=service, traces=traces))
    except FoglineError as error:
        sys.stderr.write(f"fogline-agent: {error}\n")
        return error.exit_code
    return 0


def _version() -> str:
    # Imported when asked for: it brings the e-mail parser along.
    with importing():
        from importlib.metadata import version

    return version("fogline")


if __name__ == "__main__":
    main()
