"""`python -m simulations.report RUN [--against RUN2]`: the report of a run, made again from its tables."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.errors import FoglineError
from simulations.report.gathering.gather import gathered
from simulations.report.write import write

EXAMPLES = """\
examples:
  python -m simulations.report runs/one                      makes runs/one/report.html and runs/one/charts again
  python -m simulations.report runs/two --against runs/one   with a section on what differs between the two
"""


def main(given: Sequence[str] | None = None) -> int:
    options = parser().parse_args(given)
    try:
        page = write(gathered(options.run, options.against), options.run)
    except FoglineError as error:
        sys.stderr.write(f"report: {error}\n")
        return error.exit_code
    sys.stdout.write(f"{page}\n")
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m simulations.report",
        description="A run's report, made from its tables: report.html, and charts as SVG and PNG.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("run", type=Path, metavar="RUN", help="the folder of a run")
    made.add_argument(
        "--against", type=Path, metavar="RUN2", help="another run of the same experiment, to compare with"
    )
    return made


if __name__ == "__main__":
    sys.exit(main())
