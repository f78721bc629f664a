"""`python -m examples.federation.sites FOLDER`: Fashion-MNIST as three sites might have it, and a platform's own share.

site-a.npz, site-b.npz and site-c.npz hold 4,000 images each on average, their classes dealt by Dirichlet(0.5);
evaluation.npz holds 2,000 of the test split, as `fogline streams send` takes them.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

from examples.arguments import positive
from examples.fashion_mnist import data
from shared.errors import FoglineError
from shared.storage import storage_errors
from simulations.federation.splits import dirichlet

SITES = ("site-a", "site-b", "site-c")
CONCENTRATION = 0.5
EVALUATED = 2000
SEED = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m examples.federation.sites", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--images", type=positive, default=12_000, help="of all sites together (default: 12000)")
    given = parser.parse_args()
    try:
        write(given.folder, images=given.images)
    except FoglineError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)


def write(folder: Path, *, images: int) -> None:
    """Raises UnavailableError where the data set is nowhere, StorageError."""
    train, test = data.load(data.Part.TRAIN), data.load(data.Part.TEST)
    dealt = dirichlet(train.labels[:images].astype(np.int64), len(SITES), concentration=CONCENTRATION, seed=SEED)
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for site, rows in zip(SITES, dealt, strict=True):
            np.savez(folder / f"{site}.npz", images=train.images[rows], labels=train.labels[rows])
            classes = np.bincount(train.labels[rows], minlength=10)
            print(f"{site}: {len(rows):,} images, of each class {' '.join(map(str, classes))}")
        np.savez(folder / "evaluation.npz", images=test.images[:EVALUATED], labels=test.labels[:EVALUATED])


if __name__ == "__main__":
    main()
