"""Measure the artifacts on windows no training has seen and write the tables: `python -m examples.sensor.evaluate`."""

import argparse
import sys
from pathlib import Path

from examples import report
from examples.sensor import machine, sample
from shared.errors import FoglineError

FOLDER = Path(__file__).parent
TEST_WINDOWS = 10_000
TEST_SEED = 4


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.sensor.evaluate", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder with manifest.json, artifacts/, README.md")
    given = parser.parse_args()
    try:
        sets = {
            "test": machine.windows(TEST_WINDOWS, seed=TEST_SEED),
            "sample": sample.read(given.folder / "sample.jsonl"),
        }
        measured = report.measure(given.folder, sets)
        report.write(measured, given.folder)
    except (FoglineError, OSError) as error:
        sys.exit(str(error))
    print(report.markdown(measured))


if __name__ == "__main__":
    main()
