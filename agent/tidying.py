"""Folders that workloads had in common, and that no workload of this node needs any more."""

import asyncio
import logging
import shutil
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from uuid import uuid4

from agent.workloads import Entry, Kind
from shared.errors import StorageError
from shared.storage import storage_errors

logger = logging.getLogger(__name__)


class Tidier:
    """`root` holds a folder for each kind; `needed` gives the entries that are assigned or still run."""

    def __init__(
        self, root: Path, leaving: Path, *, kinds: Mapping[str, Kind], needed: Callable[[], Collection[Entry]]
    ) -> None:
        self._root = root
        self._leaving = leaving
        self._kinds = kinds
        self._needed = needed
        self._stirred = asyncio.Event()

    def tidy(self) -> None:
        """Put aside what nobody needs, between any two steps of the workloads; the rest takes longer and comes later.

        What cannot be removed stays and is said.
        """
        needed = self._needed()
        try:
            for name, kind in self._kinds.items():
                if kind.kept is not None and (self._root / name).is_dir():
                    kept = kind.kept([entry for entry in needed if entry.kind == name])
                    self._put_aside(_unneeded(self._root / name, kept))
        except StorageError as error:
            logger.warning("unused folders not removed", extra={"reason": str(error)})
        self._stirred.set()

    async def run(self) -> None:
        """Remove what was put aside, until cancelled."""
        while True:
            self._stirred.clear()
            await asyncio.to_thread(_remove_all_in, self._leaving)
            await self._stirred.wait()

    def _put_aside(self, folders: Iterable[Path]) -> None:
        for folder in folders:
            with storage_errors(folder):
                self._leaving.mkdir(mode=0o700, exist_ok=True)
                folder.rename(self._leaving / uuid4().hex)
            logger.info("unused folder removed", extra={"folder": str(folder)})


def _remove_all_in(folder: Path) -> None:
    for one in folder.glob("*"):
        shutil.rmtree(one, ignore_errors=True)


def _unneeded(root: Path, kept: frozenset[str]) -> list[Path]:
    with storage_errors(root):
        return [one for one in root.glob("*/*") if f"{one.parent.name}/{one.name}" not in kept]
