"""The kinds of workload this agent knows, and how an entry of an assignment becomes a running one."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from importlib.util import find_spec
from typing import Any, cast

import msgspec

from agent.clusters import ClusterOverride, localise
from agent.workload import Factory
from shared.documents import INFERENCE, InferenceWorkload, Workload, WorkloadHead, decode, digest
from shared.documents.federation_workloads import COORDINATOR, PARTICIPANT, CoordinatorWorkload, ParticipantWorkload
from shared.documents.profile import PROFILE, ProfileWorkload
from shared.documents.training_workloads import ANNOUNCEMENTS, TRAINING, AnnouncementsWorkload, TrainingWorkload
from shared.errors import DocumentError, UnavailableError

# The extra `federation`, as it is imported.
_FEDERATION = ("cryptography", "safetensors")


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


def kinds(*, is_installed: Callable[[str], object] = find_spec) -> dict[str, Kind]:
    """Those whose packages are here: what this node cannot run is placed on another."""
    return {name: kind for name, kind in _known().items() if all(is_installed(one) for one in kind.packages)}


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


def _known() -> dict[str, Kind]:
    training, federation = "agent.training", "agent.federation"
    return {
        INFERENCE: _kind(InferenceWorkload, "agent.inference.workload:Inference"),
        ANNOUNCEMENTS: _kind(AnnouncementsWorkload, "agent.announcements.workload:Announcements"),
        TRAINING: _kind(TrainingWorkload, f"{training}.workload:Training", kept=f"{training}.running.folders:kept"),
        PROFILE: _kind(ProfileWorkload, "agent.profiling.workload:Profile"),
        COORDINATOR: _kind(
            CoordinatorWorkload,
            f"{federation}.coordinator.workload:Coordinator",
            kept=f"{federation}.coordinator.folders:kept",
            packages=_FEDERATION,
        ),
        PARTICIPANT: _kind(
            ParticipantWorkload,
            f"{federation}.participant.workload:Participant",
            kept=f"{federation}.participant.places:kept",
            packages=_FEDERATION,
        ),
    }


def _kind(document: type[Workload], at: str, *, kept: str | None = None, packages: tuple[str, ...] = ()) -> Kind:
    return Kind(
        document=document,
        load=lambda: cast(Factory, _found(at)),
        kept=None if kept is None else lambda entries: cast(frozenset[str], _found(kept)(entries)),
        packages=packages,
    )


def _found(at: str) -> Any:  # noqa: ANN401 - whatever has that name
    module, _, name = at.partition(":")
    return getattr(import_module(module), name)
