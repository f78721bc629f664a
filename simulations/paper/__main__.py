"""`python -m simulations.paper RUN [RUN...]`: which of the paper's shapes these runs show, and what answers them."""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from shared.errors import FoglineError
from simulations.paper.runs import found
from simulations.paper.shapes import Shape

COLUMNS = ("whose", "claim", "where", "of what", "ratio or count", "95 %", "")
EXAMPLES = """\
examples:
  python -m simulations.paper runs/paper-smallest
  python -m simulations.paper runs/paper-clients runs/paper-replicas --json
"""


def main(given: Sequence[str] | None = None) -> int:
    options = parser().parse_args(given)
    try:
        shapes = {str(run): found(run) for run in options.runs}
    except FoglineError as error:
        sys.stderr.write(f"paper: {error}\n")
        return error.exit_code
    text = json.dumps(as_document(shapes), indent=2) if options.json else as_markdown(shapes)
    sys.stdout.write(f"{text}\n")
    return 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m simulations.paper",
        description="Which of the paper's shapes these runs show: ratios with their 95 % intervals.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    made.add_argument("runs", type=Path, nargs="+", metavar="RUN", help="the folder of a run")
    made.add_argument("--json", action="store_true", help="machine-readable, instead of a table in Markdown")
    return made


def as_markdown(shapes: Mapping[str, Sequence[Shape]]) -> str:
    rows = [_row(one) for some in shapes.values() for one in some]
    return "\n".join(_line(row) for row in (COLUMNS, ("---",) * len(COLUMNS), *rows))


def as_document(shapes: Mapping[str, Sequence[Shape]]) -> list[dict[str, object]]:
    """A number that is none or infinite is null: JSON has no others."""
    return [
        {"run": run, **asdict(one), "found": {name: _finite(end) for name, end in asdict(one.found).items()}}
        for run, some in shapes.items()
        for one in some
    ]


def _row(shape: Shape) -> tuple[str, ...]:
    one = shape.found
    interval = "" if one.low is None or one.high is None else f"{one.low:.3g} to {one.high:.3g}"
    return (shape.origin, shape.claim, shape.where, shape.measure, f"{one.value:.3g}", interval, shape.verdict)


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


if __name__ == "__main__":
    sys.exit(main())
