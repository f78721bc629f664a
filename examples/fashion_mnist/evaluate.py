"""Measure the artifacts and write the tables: `python -m examples.fashion_mnist.evaluate`."""

import argparse
import sys
from pathlib import Path

import numpy as np

from examples import report
from examples.fashion_mnist import data
from shared.errors import FoglineError

FOLDER = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.fashion_mnist.evaluate", description=__doc__)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="folder with manifest.json, artifacts/, README.md")
    given = parser.parse_args()
    try:
        test = data.load(data.Part.TEST)
        with np.load(given.folder / "sample.npz", allow_pickle=False) as sample:
            sets = {"test": (test.images, test.labels), "sample": (sample["images"], sample["labels"])}
        measured = report.measure(given.folder, sets)
        report.write(measured, given.folder)
    except (FoglineError, OSError) as error:
        sys.exit(str(error))
    print(report.markdown(measured))


if __name__ == "__main__":
    main()
