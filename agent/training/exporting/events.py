"""What an exporter says while it works: one value an event, as JSON one line each."""

from enum import StrEnum

from agent.training.events import Noticed, TaggedEvent
from shared.documents import ExportForm


class Phase(StrEnum):
    LOADING = "loading"
    CONVERTING = "converting"
    CHECKING = "checking"
    ANSWERING = "answering"
    SEGMENTING = "segmenting"


class PhaseBegun(TaggedEvent, frozen=True, kw_only=True, tag="phase"):
    phase: Phase


class Converted(TaggedEvent, frozen=True, kw_only=True, tag="converted"):
    """`was_made`: by an earlier process."""

    tier: str
    form: ExportForm
    sha256: str
    size_bytes: int
    was_made: bool


class Checked(TaggedEvent, frozen=True, kw_only=True, tag="checked"):
    """`differences`: by tier with an exit, the largest from the trained network's answers over `records`."""

    form: ExportForm
    records: int
    differences: dict[str, float]


class Done(TaggedEvent, frozen=True, kw_only=True, tag="done"):
    """`was_done`: by an earlier process, this one did nothing."""

    was_done: bool


Event = PhaseBegun | Noticed | Converted | Checked | Done
