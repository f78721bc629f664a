"""The records of an experiment: Fashion-MNIST, or two files of arrays."""

import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.errors import DocumentError
from simulations.federation.document import Data, Dirichlet, Evenly, FewClasses
from simulations.federation.splits import Rows, dirichlet, evenly, few_classes


class Records(NamedTuple):
    inputs: NDArray[Any]
    truth: NDArray[np.int64]
    """From 0 on."""


def load(data: Data, folder: Path) -> tuple[Records, Records]:
    """Those that train, and those that test. Raises DocumentError, SettingsError, UnavailableError."""
    if data.train is not None and data.test is not None:
        return _from_file(folder / data.train, data.records, "train"), _from_file(
            folder / data.test, data.tests, "test"
        )
    from examples.fashion_mnist.data import Part
    from examples.fashion_mnist.data import load as fashion_mnist

    train, test = fashion_mnist(Part.TRAIN), fashion_mnist(Part.TEST)
    return _first(train.images, train.labels, data.records), _first(test.images, test.labels, data.tests)


def dealt(data: Data, truth: NDArray[np.int64], sites: int, seed: int) -> list[Rows]:
    """To each site its rows. Raises SettingsError, DocumentError where one would have none."""
    seed = seed if data.seed is None else data.seed
    match data.split:
        case Dirichlet(concentration=concentration, least=least):
            rows = dirichlet(truth, sites, concentration=concentration, seed=seed, least=least)
        case FewClasses(classes=classes):
            rows = few_classes(truth, sites, classes=classes, seed=seed)
        case Evenly():
            rows = evenly(truth, sites, seed=seed)
    if not all(map(len, rows)):
        raise DocumentError(f"{len(truth)} records leave one of {sites} sites without any", field="data.split")
    return rows


def _from_file(path: Path, most: int | None, field: str) -> Records:
    try:
        with np.load(path, allow_pickle=False) as found:
            return _first(found["images"], found["labels"], most)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DocumentError(f"{path} is no .npz file with `images` and `labels`: {error}", field=f"data.{field}") from (
            error
        )


def _first(images: NDArray[Any], labels: NDArray[Any], most: int | None) -> Records:
    if len(images) != len(labels) or not len(labels):
        raise DocumentError(f"{len(images)} images have {len(labels)} labels", field="data")
    return Records(np.ascontiguousarray(images[:most]), labels[:most].astype(np.int64))
