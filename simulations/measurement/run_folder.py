"""The tables of a run and where they lie: `RUN/cells/<cell>/<repetition>/<table>.parquet`, `done.json` written last.

Files are pyarrow's, of the extra `experiments`: imported where one is read or written, so that figures need none of it.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from shared.storage import storage_errors
from simulations.measurement.columns import Columns, chosen, from_rows, joined
from simulations.measurement.rows import HopRow, LagRow, LinkRow, RecordRow, ResourceRow, Row

DONE = "done.json"
KINDS: Mapping[str, type[Row]] = MappingProxyType(
    {"records": RecordRow, "hops": HopRow, "links": LinkRow, "resources": ResourceRow, "lag": LagRow}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Of one repetition, of a cell or of a whole run; their rows say which."""

    records: Columns
    hops: Columns
    links: Columns
    resources: Columns
    lag: Columns

    @classmethod
    def of(
        cls,
        *,
        records: Sequence[RecordRow] = (),
        hops: Sequence[HopRow] = (),
        links: Sequence[LinkRow] = (),
        resources: Sequence[ResourceRow] = (),
        lag: Sequence[LagRow] = (),
    ) -> "Tables":
        return cls(
            records=from_rows(RecordRow, records),
            hops=from_rows(HopRow, hops),
            links=from_rows(LinkRow, links),
            resources=from_rows(ResourceRow, resources),
            lag=from_rows(LagRow, lag),
        )

    @classmethod
    def joined(cls, several: "Sequence[Tables]") -> "Tables":
        return cls(**{name: joined(kind, [getattr(one, name) for one in several]) for name, kind in KINDS.items()})

    def cells(self) -> tuple[int, ...]:
        return tuple(sorted({int(cell) for name in KINDS for cell in set(getattr(self, name)["cell"].tolist())}))

    def repetitions(self, cell: int) -> "tuple[Tables, ...]":
        """The tables of each repetition of a cell that sent anything, in their order."""
        numbers = np.unique(self.records["repetition"][self.records["cell"] == cell])
        tables = {one.name: _by_repetition(getattr(self, one.name), cell, numbers) for one in fields(self)}
        return tuple(Tables(**dict(zip(tables, each, strict=True))) for each in zip(*tables.values(), strict=True))


def _by_repetition(columns: Columns, cell: int, numbers: NDArray[np.int64]) -> list[Columns]:
    """Views of one copy in the order of repetitions: a run of many of them is gone through once."""
    rows = np.flatnonzero(columns["cell"] == cell)
    order = np.argsort(columns["repetition"][rows], kind="stable")
    ordered = chosen(columns, rows[order])
    begins = np.searchsorted(ordered["repetition"], numbers, side="left")
    ends = np.searchsorted(ordered["repetition"], numbers, side="right")
    return [
        {name: column[begin:end] for name, column in ordered.items()} for begin, end in zip(begins, ends, strict=True)
    ]


def folder(run: Path, cell: int, repetition: int) -> Path:
    return run / "cells" / str(cell) / str(repetition)


def write(into: Path, tables: Tables) -> None:
    """Makes the folder; what is in it is on the disk, so `DONE` never outlives it. Raises StorageError."""
    from simulations.measurement.tables import write_parquet

    with storage_errors(into):
        into.mkdir(parents=True, exist_ok=True)
    for name, kind in KINDS.items():
        path = into / f"{name}.parquet"
        write_parquet(path, kind, getattr(tables, name))
        _settle(path)
    _settle(into)


def _settle(path: Path) -> None:
    with storage_errors(path):
        opened = os.open(path, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


def write_as_csv(into: Path, tables: Tables) -> None:
    """Makes the folder. Raises StorageError."""
    from simulations.measurement.tables import write_csv

    with storage_errors(into):
        into.mkdir(parents=True, exist_ok=True)
    for name, kind in KINDS.items():
        write_csv(into / f"{name}.csv", kind, getattr(tables, name))


def read(where: Path) -> Tables:
    """Of one repetition. Raises StorageError and DocumentError, which name the file."""
    from simulations.measurement.tables import read_parquet

    return Tables(**{name: read_parquet(where / f"{name}.parquet", kind) for name, kind in KINDS.items()})


def finished(run: Path) -> tuple[Path, ...]:
    """The folders of the repetitions that were brought to their end, by cell and repetition."""
    found = [done.parent for done in (run / "cells").glob(f"*/*/{DONE}")]
    return tuple(sorted(found, key=lambda one: (int(one.parent.name), int(one.name))))


def read_run(run: Path) -> Tables:
    """All finished repetitions. Raises as `read` does."""
    return Tables.joined([read(where) for where in finished(run)])
