"""The parts of a network between its possible cuts, each exported as one program, so that nodes can time them.

    <folder>/segment-<n>.<format>       the programs
    <folder>/segments.json              Segments: what each of them is

A head is exported with the layers right below it and never alone: a runtime fuses what it runs, and a tier runs both as
one program. What a head costs is what that program takes more than the one without it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path

import numpy as np

from agent.training.exporting.part import Part, Trained
from agent.training.exporting.segment_check import SegmentCheck
from shared.documents import (
    Artifact,
    ArtifactFormat,
    Description,
    ExportForm,
    FeaturesEncoding,
    TensorSpec,
    TierCut,
    encode,
)
from shared.documents.profile import SEGMENT_FILES, SEGMENTS, ExportedSegment, Segments
from shared.errors import DocumentError
from shared.record import headers, trail
from shared.record.tensor import encode_batch
from shared.storage import replace_file, require_room

_FORM = ExportForm()
# Of a record that has passed one tier: the lengths of what differs from fleet to fleet.
_NODE, _MODEL = "n" * 12, "m" * 12 + "/1"
_BELOW, _SEGMENT = "below", "segment"
_SUFFIXES = {ArtifactFormat.TORCH: "pt2"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The layers above `after` up to `until`; with the head of the exit `head`, which reads `until`."""

    after: str | None
    until: str | None
    head: str | None = None


def spans(profiled: Sequence[str], network: Description) -> tuple[Span, ...]:
    """Every one that a tier may be given, and each exit's head on the shortest. Pure.

    Raises DocumentError for what is no cut, or not in order.
    """
    exits = _exits(profiled, network)
    places = [None, *profiled]
    found = [Span(after=after, until=until) for after, until in combinations((*places, None), 2)]
    heads = [
        Span(after=after, until=until, head=exits[until])
        for after, until in zip(places, profiled, strict=False)
        if exits[until] is not None
    ]
    return (*found, *heads)


def _exits(profiled: Sequence[str], network: Description) -> dict[str, str | None]:
    order = {cut.name: place for place, cut in enumerate(network.cuts)}
    exits = {cut.name: cut.exit for cut in network.cuts}
    last = -1
    for number, name in enumerate(profiled):
        if name not in order:
            known = ", ".join(map(repr, order)) or "none"
            raise DocumentError(
                f"the network cannot be cut after {name!r}: it has {known}", field=f"export.profiled[{number}]"
            )
        if order[name] <= last:
            raise DocumentError(
                f"{name!r} does not lie above {profiled[number - 1]!r}: name the cuts from the sensor up",
                field=f"export.profiled[{number}]",
            )
        last = order[name]
    return exits


def travelling_bytes(features: TensorSpec) -> int:
    """One record's as they leave the first tier: u8 with headers, of ones of middling length. Pure."""
    (value,), (tensor,) = encode_batch(np.zeros((1, *features.shape), features.dtype.value), FeaturesEncoding.U8)
    passing = trail.Passing(
        node=_NODE, boot_id=bytes(8), version=1, received_us=2**40, inferred_us=2**40 + 2**12, sent_us=2**40 + 2**12
    )
    sent = {
        headers.ID: bytes(headers.ID_BYTES),
        headers.TIME: bytes(headers.TIME_BYTES),
        headers.TENSOR: tensor,
        headers.MODEL: _MODEL.encode(),
        headers.TRAIL: trail.append(None, passing, 0.5),
    }
    return len(value) + sum(len(name) + len(content) for name, content in sent.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentExport:
    """`input`: a record as the stream has it. `tiers`: of the version, whose exits answer in `validation.npz`."""

    folder: Path
    trained: Trained
    network: Description
    tiers: Sequence[TierCut]
    input: TensorSpec
    check: SegmentCheck

    def written(self, profiled: Sequence[str]) -> tuple[str, ...]:
        """The names of the files; none where nothing is to be profiled.

        Raises DocumentError, ModelError, also for segments that do not answer as the network does, StorageError.
        """
        if not profiled:
            return ()
        segments = list(self._segments(profiled))
        self.check.require_near(segments)
        document = Segments(input_bytes=self.input.size_bytes, segments=tuple(segments), exits=dict(self._answering()))
        replace_file(self.folder / SEGMENTS, encode(document))
        return (*(one.artifact.file for one in segments), SEGMENTS)

    def _segments(self, profiled: Sequence[str]) -> Iterator[ExportedSegment]:
        last = self.network.exits[-1].name
        features: Mapping[str, TensorSpec] = {cut.name: cut.features for cut in self.network.cuts}
        for number, span in enumerate(spans(profiled, self.network)):
            exit = span.head if span.until is not None else last
            own = TierCut(tier=_SEGMENT, cut=span.until, exit=exit)
            below = () if span.after is None else (TierCut(tier=_BELOW, cut=span.after),)
            part = self.trained.severed((*below, own))[-1]
            input = self.input if span.after is None else features[span.after]
            artifact = self._artifact(number, part, input)
            yield ExportedSegment(
                after=span.after,
                until=span.until,
                head=span.head,
                input=input,
                features=part.features,
                exit=part.exit,
                artifact=artifact,
                parameters_bytes=artifact.size_bytes,
                features_bytes=0 if part.features is None else travelling_bytes(part.features),
            )

    def _artifact(self, number: int, part: Part, input: TensorSpec) -> Artifact:
        form = _FORM if _FORM in self.trained.forms else self.trained.forms[0]
        content = part.exported(form, input=input, representative=np.empty((0, *input.shape), input.dtype.value))
        name = f"{SEGMENT_FILES}{number}.{_SUFFIXES.get(form.format, form.format.value)}"
        require_room(self.folder, len(content))
        replace_file(self.folder / name, content)
        return Artifact(
            sha256=sha256(content).hexdigest(),
            size_bytes=len(content),
            format=form.format,
            precision=form.precision,
            file=name,
        )

    def _answering(self) -> Iterator[tuple[str, str]]:
        for one in self.tiers:
            if one.exit is not None:
                yield one.tier, one.exit
