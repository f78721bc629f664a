"""The kinds of workload this agent knows."""

from collections.abc import Callable, Collection
from importlib import import_module
from importlib.util import find_spec
from typing import cast

from agent.federation.coordinator import folders as coordinator
from agent.federation.participant import places as participant
from agent.training.running import folders as training
from agent.workload import Factory
from agent.workloads import Entry, Kind
from shared.documents import INFERENCE, InferenceWorkload, Workload
from shared.documents.federation_workloads import COORDINATOR, PARTICIPANT, CoordinatorWorkload, ParticipantWorkload
from shared.documents.profile import PROFILE, ProfileWorkload
from shared.documents.training_workloads import ANNOUNCEMENTS, TRAINING, AnnouncementsWorkload, TrainingWorkload
from shared.importing import importing

# The extra `federation`, as it is imported.
_FEDERATION = ("cryptography", "safetensors")


def kinds(*, is_installed: Callable[[str], object] = find_spec) -> dict[str, Kind]:
    """Those whose packages are here: what this node cannot run is placed on another."""
    return {name: kind for name, kind in _known().items() if all(is_installed(one) for one in kind.packages)}


def _known() -> dict[str, Kind]:
    federation = "agent.federation"
    return {
        INFERENCE: _kind(InferenceWorkload, "agent.inference.workload:Inference"),
        ANNOUNCEMENTS: _kind(AnnouncementsWorkload, "agent.announcements.workload:Announcements"),
        TRAINING: _kind(TrainingWorkload, "agent.training.workload:Training", kept=training.kept),
        PROFILE: _kind(ProfileWorkload, "agent.profiling.workload:Profile"),
        COORDINATOR: _kind(
            CoordinatorWorkload,
            f"{federation}.coordinator.workload:Coordinator",
            kept=coordinator.kept,
            packages=_FEDERATION,
        ),
        PARTICIPANT: _kind(
            ParticipantWorkload,
            f"{federation}.participant.workload:Participant",
            kept=participant.kept,
            packages=_FEDERATION,
        ),
    }


def _kind(
    document: type[Workload],
    at: str,
    *,
    kept: Callable[[Collection[Entry]], frozenset[str]] | None = None,
    packages: tuple[str, ...] = (),
) -> Kind:
    return Kind(document=document, load=lambda: _implementation(at), kept=kept, packages=packages)


def _implementation(at: str) -> Factory:
    module, _, name = at.partition(":")
    with importing():
        return cast(Factory, getattr(import_module(module), name))
