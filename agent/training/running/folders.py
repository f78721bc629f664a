"""Where runs and shelves lie on a node, below the folder that all training has in common. Pure."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from agent.workloads import Entry, folder_name
from shared.documents import decode, digest
from shared.documents.training_workloads import TrainingWorkload
from shared.errors import DocumentError
from shared.streams.ranges import Range


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfPlace:
    """Runs that read the same records the same way have one shelf. `name`: `shelves/...`."""

    name: str
    ranges: tuple[Range, ...]
    is_labelled: bool


def run_folder(id: str) -> str:
    """Of a workload, whatever attempt it is: the next one goes on with what is there."""
    return f"runs/{folder_name(id)}"


def shelf_places(document: TrainingWorkload) -> tuple[ShelfPlace, ...]:
    """That of the labelled records first; that of the unlabelled ones where the run learns from them."""
    places = [_place(document, document.announcement.ranges, is_labelled=True)]
    if document.pseudo_labels is not None and document.announcement.unlabelled_ranges:
        places.append(_place(document, document.announcement.unlabelled_ranges, is_labelled=False))
    return tuple(places)


def kept(entries: Collection[Entry]) -> frozenset[str]:
    """What these workloads need."""
    names = {run_folder(entry.id) for entry in entries}
    for entry in entries:
        # What cannot be read has never run.
        with suppress(DocumentError):
            names.update(place.name for place in shelf_places(decode(bytes(entry.raw), TrainingWorkload)))
    return frozenset(names)


def _place(document: TrainingWorkload, ranges: tuple[Range, ...], *, is_labelled: bool) -> ShelfPlace:
    what = [document.cluster, ranges, document.announcement.input, is_labelled, document.most_rejected]
    return ShelfPlace(name=f"shelves/{digest(what)}", ranges=ranges, is_labelled=is_labelled)
