"""Entries of an assignment, and how each becomes a document that this agent can run."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from agent.clusters import ClusterOverride, localise
from agent.workload import Factory
from shared.documents import Workload, WorkloadHead, decode, digest
from shared.errors import DocumentError, UnavailableError


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """`load` imports the implementation: a node pays only for the kinds it is given. `packages`: that it needs beside
    those of every agent.

    `kept` names what these entries need of the kind's common folder, as `folder/name`; all else there is removed.
    """

    document: type[Workload]
    load: Callable[[], Factory]
    kept: Callable[[Collection["Entry"]], frozenset[str]] | None = None
    packages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One workload as it stands in the assignment, not yet decoded. `problem` says why it never will be."""

    id: str
    kind: str
    revision: str
    raw: msgspec.Raw
    problem: str = ""


def entries(workloads: Sequence[msgspec.Raw]) -> dict[str, Entry]:
    """The workloads by id. One that cannot be named gets its place in the list as its id, and fails alone."""
    found: dict[str, Entry] = {}
    for place, raw in enumerate(workloads):
        entry = _entry(raw, f"workloads[{place}]")
        if entry.id in found:
            problem = f"id {entry.id!r} stands twice in the assignment"
            entry = replace(entry, id=f"workloads[{place}]", problem=problem)
        found[entry.id] = entry
    return found


def read(entry: Entry, known: Mapping[str, Kind], overrides: Mapping[str, ClusterOverride]) -> Workload:
    """The entry's document, its clusters as this node reaches them.

    Raises DocumentError, UnavailableError for a kind this agent does not know, SettingsError for a bad override.
    """
    if entry.problem:
        raise DocumentError(entry.problem)
    if entry.kind not in known:
        raise UnavailableError(f"this agent knows no workload of kind {entry.kind!r}; it knows {', '.join(known)}")
    document = decode(bytes(entry.raw), known[entry.kind].document)
    return msgspec.structs.replace(document, clusters=localise(document.clusters, overrides))


def folder_name(id: str) -> str:
    """Readable, and unique though an id may hold what a file's name may not."""
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', id)[:80]}-{digest(id)}"


def _entry(raw: msgspec.Raw, place: str) -> Entry:
    revision = digest(raw)
    try:
        head = decode(bytes(raw), WorkloadHead)
    except DocumentError as error:
        return Entry(id=place, kind="", revision=revision, raw=raw, problem=str(error))
    return Entry(id=head.id, kind=head.kind, revision=revision, raw=raw)
