"""A profile from the control plane, made into what `fogline models cut` reads: times, links, and who goes on."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fogline import run_files
from fogline.document_files import read_document
from shared.client import Client
from shared.client.profiles import lacking
from shared.documents import ExitPolicy, RunFile, RunView, decode
from shared.documents.profile import SEGMENTS, ProfileState, ProfileView, Segments
from shared.errors import SettingsError

if TYPE_CHECKING:
    from agent.training.cutting.network import Profile

VALIDATION = "validation.npz"


def fetched(client: Client, name: str, *, exits: Path | None, threshold: float | None) -> "Profile":
    """`exits`: what `fogline models exits --json` printed of this run; `threshold`: one for all exits instead.

    With neither, no exit answers early. Raises SettingsError where it is not finished, or the exits are others.
    """
    from agent.training.cutting.measured import assembled

    if exits is not None and threshold is not None:
        raise SettingsError("--exits has thresholds already: leave out --threshold")
    view = client.profiles.get(name)
    if view.state is not ProfileState.FINISHED:
        raise SettingsError(f"profile {name} is {view.state}: {_why(view)}")
    run = client.runs.get(view.profiling.run)
    with TemporaryDirectory(prefix="fogline-profile-") as folder:
        there = {path.name: path for path in run_files.fetch(client, _needed(run, view), Path(folder))}
        segments = decode(there[SEGMENTS].read_bytes(), Segments)
        is_asked = exits is not None or threshold is not None
        shares = _shares(there.get(VALIDATION), run, segments, exits, threshold) if is_asked else {}
    times = {one.tier: one.times for one in view.tiers if one.times is not None}
    return assembled(view.profiling, segments, times, shares)


def _needed(run: RunView, view: ProfileView) -> list[RunFile]:
    return [view.segments, *(one for one in run.files if one.name == VALIDATION)]


def _shares(
    validation: Path | None, run: RunView, segments: Segments, exits: Path | None, threshold: float | None
) -> dict[str, float]:
    """By exit."""
    from agent.training.exiting.alive import alive
    from fogline import exit_outputs

    if validation is None:
        raise SettingsError(f"run {run.id} left no {VALIDATION}: its stream has no validation part")
    outputs = exit_outputs.read(validation)
    early = list(outputs.probabilities)[: outputs.early]
    policies = [ExitPolicy(threshold=threshold)] * len(early) if threshold is not None else _policies(exits, early)
    shares = alive([outputs.probabilities[tier] for tier in early], policies)
    return {segments.exits[tier]: share for tier, share in zip(early, shares, strict=True) if tier in segments.exits}


def _policies(exits: Path | None, early: list[str]) -> list[ExitPolicy | None]:
    from agent.training.exiting.calibration import Calibration

    assert exits is not None  # noqa: S101 - one of the two is given
    policies = list(read_document(exits, Calibration).policies)
    if len(policies) != len(early):
        raise SettingsError(
            f"{exits} has {len(policies)} exit policies where the run's version has {len(early)} early exits: "
            + ", ".join(early)
        )
    return policies


def _why(view: ProfileView) -> str:
    return view.reason or lacking(view)
