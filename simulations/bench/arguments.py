"""The command line of the bench."""

import argparse
from collections.abc import Sequence
from pathlib import Path

ROUNDS = 7
EXAMPLES = """\
examples:
  python -m simulations.bench                                  everything; takes about half an hour
  python -m simulations.bench --only latency --only memory     two measurements
  python -m simulations.bench --only throughput --rounds 15    a steadier median
  python -m simulations.bench --json figures.json              every sample, for a program
  python -m simulations.bench --list                           what can be measured, and its bounds

Each figure is the median over the rounds, its spread from the least to the greatest. What is compared is measured in
turns, in one run, on one machine, so a figure says as much on a slow machine as on a fast one; a busy one widens the
spread. Ends with 1 when a figure misses what it must reach, 130 on Ctrl-C.
"""


def parser(names: Sequence[str]) -> argparse.ArgumentParser:
    """`names` are those that `--only` takes."""
    made = argparse.ArgumentParser(
        prog="python -m simulations.bench",
        description="What Fogline costs on this machine, as ratios to the bare parts it is made of.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = made.add_argument
    add("--only", action="append", choices=names, metavar="NAME", help="measure this; may be given several times")
    add("--rounds", type=_count, default=ROUNDS, metavar="N", help=f"how often each figure is measured ({ROUNDS})")
    add("--json", type=Path, metavar="FILE", help="write the report with every sample here")
    add("--list", action="store_true", help="show what can be measured, and end")
    add("--update-docs", action="store_true", help="write the table into docs/benchmarks.md")
    return made


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number
