"""Where a participant's files lie on its node. Pure.

<common>/participants/<workload>/
    journal, bytes-sent     what is remembered
    models/                 of the newest global model, as it comes
    base.npz                weights that an update begins with
    handed-down.npz, along.npz    what came with them, and the direction that an update is pushed in
    attempt/                of the network's own code: it may write there, and nowhere else
    outgoing/               an update that is sealed, until it was sent
    lost.npz, control.npz   what the encoding lost, and control variates, as of the last update that was sent
    shelves/<records>       records of the site
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from agent.workloads import Entry, folder_name

ALL = "participants"


@dataclass(frozen=True, slots=True)
class Places:
    folder: Path

    @classmethod
    def of(cls, common: Path, id: str) -> "Places":
        return cls(common / ALL / folder_name(id))

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def base(self) -> Path:
        return self.folder / "base.npz"

    @property
    def along(self) -> Path:
        return self.folder / "along.npz"

    @property
    def handed_down(self) -> Path:
        return self.folder / "handed-down.npz"

    @property
    def lost(self) -> Path:
        return self.folder / "lost.npz"

    @property
    def control(self) -> Path:
        return self.folder / "control.npz"

    @property
    def attempt(self) -> Path:
        return self.folder / "attempt"

    @property
    def outgoing(self) -> Path:
        return self.folder / "outgoing"

    @property
    def shelves(self) -> Path:
        return self.folder / "shelves"


def kept(entries: Collection[Entry]) -> frozenset[str]:
    """What these workloads need."""
    return frozenset(f"{ALL}/{folder_name(entry.id)}" for entry in entries)
