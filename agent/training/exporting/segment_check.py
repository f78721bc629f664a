"""Segments against the network they are parts of: together they must answer as it does, or what is timed is another."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from agent.training.exporting import chain
from agent.training.exporting.checking import differences
from agent.training.exporting.nearness import require_near
from agent.training.exporting.part import Trained
from shared.documents import Artifact, Export, ExportForm, SubModel, TierCut
from shared.documents.profile import ExportedSegment

Way = tuple[ExportedSegment, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentCheck:
    """`last`: the network's last exit; `records`: `[n, ...]`, as the stream has them, n >= 1."""

    trained: Trained
    last: str
    records: NDArray[Any]
    export: Export
    path: Callable[[Artifact], Path]
    threads: int
    batch: int

    def require_near(self, segments: Sequence[ExportedSegment]) -> None:
        """Every way through them. Raises ModelError for one whose answer is not near enough, as of sub-models."""
        for way in ways(segments):
            self._require_near(way)

    def _require_near(self, way: Way) -> None:
        *_, end = way
        form = ExportForm(format=end.artifact.format, precision=end.artifact.precision)
        sub_models = [_sub_model(place, one) for place, one in enumerate(way)]
        answering = TierCut(tier=sub_models[-1].tier, exit=end.head or self.last)
        with chain.opened(sub_models, form, self.path, threads=self.threads) as opened:
            found = differences(opened, self.trained, [answering], self.records, batch=self.batch)
        require_near(found[answering.tier], form, _words(way), self.export)


def ways(segments: Sequence[ExportedSegment]) -> Iterator[Way]:
    """For each segment the shortest way from a record to an answer that leads through it; no way twice. Pure."""
    plain = {(one.after, one.until): one for one in segments if one.head is None}
    found = []
    for one in segments:
        below = () if one.after is None else (plain[None, one.after],)
        above = () if one.until is None or one.head is not None else (plain[one.until, None],)
        found.append((*below, one, *above))
    yield from dict.fromkeys(found)


def _sub_model(place: int, segment: ExportedSegment) -> SubModel:
    return SubModel(
        tier=f"segment-{place}",
        input=segment.input,
        features=segment.features,
        exit=segment.exit,
        artifacts=(segment.artifact,),
    )


def _words(way: Way) -> str:
    cuts = " and ".join(repr(one.after) for one in way if one.after is not None)
    network = f"the network cut after {cuts}" if cuts else "the whole network"
    return network if way[-1].head is None else f"exit {way[-1].head!r} of {network}"
