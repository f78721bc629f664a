"""What the question where to cut is asked of: a network's possible cuts, what each tier took for its parts, the links.

Positions are counted along the network: 0 is its input, 1 to n its cuts in order, n + 1 its output. In a document input
and output have no name: a segment without `after` begins at the input, one without `until` ends at the output.
"""

from itertools import pairwise
from typing import Annotated

from msgspec import Meta, field

from shared.documents.types import ApiVersion, Bytes, Count, Document, Fraction, Name
from shared.errors import DocumentError

LayerName = Annotated[str, Meta(min_length=1, max_length=255)]
Duration = Annotated[float, Meta(ge=0, le=31_536_000)]
BytesPerSecond = Annotated[float, Meta(ge=1, le=1e15)]


class Cut(Document, frozen=True, kw_only=True):
    """A layer whose output is the only tensor that passes from the layers up to it to those above.

    `features_bytes` are one record's as they travel: encoded, headers included. `exit` names the output of the head
    that can answer here; a tier whose part ends at this cut then has that exit.
    """

    name: LayerName
    features_bytes: Bytes
    exit: LayerName | None = None


class Network(Document, frozen=True, kw_only=True):
    """A chain of possible cuts, that nearest to the input first. `input_bytes`: one record as the sensor sends it."""

    input_bytes: Bytes
    cuts: tuple[Cut, ...] = ()

    def __post_init__(self) -> None:
        if len({cut.name for cut in self.cuts}) != len(self.cuts):
            raise ValueError("`cuts` name a layer twice")

    @property
    def end(self) -> int:
        """The position of the output."""
        return len(self.cuts) + 1


class Segment(Document, frozen=True, kw_only=True):
    """The layers above `after` up to `until`, exported and measured as one program: runtimes fuse what they run.

    `time_s` of one record, without any head but the network's own; `parameters_bytes` of the exported program.
    """

    after: LayerName | None = None
    until: LayerName | None = None
    time_s: Duration
    parameters_bytes: Bytes = 0


class Head(Document, frozen=True, kw_only=True):
    """What the exit at a cut adds to the segment that ends there."""

    cut: LayerName
    time_s: Duration
    parameters_bytes: Bytes = 0


class TierProfile(Document, frozen=True, kw_only=True):
    """What was measured on one tier. What was not measured there cannot be chosen for it.

    `memory_bytes` bounds the parameters of a part with those of its head. `nodes` share the records among them. A tier
    that `can_be_left_out` may run nothing: what comes to it then goes on as it is, over the links on both its sides.
    """

    name: Name
    segments: tuple[Segment, ...] = ()
    heads: tuple[Head, ...] = ()
    memory_bytes: Bytes | None = None
    nodes: Count = 1
    can_be_left_out: bool = True


class Link(Document, frozen=True, kw_only=True):
    """From one tier to the next. A record needs its bytes / `bytes_per_s` + `fixed_s`; `lines` carry records abreast.

    `fixed_s` is waited but keeps no line busy: propagation, the brokers, the acknowledgement.
    """

    bytes_per_s: BytesPerSecond
    fixed_s: Duration = 0.0
    lines: Count = 1


class Profile(Document, frozen=True, kw_only=True):
    """All that is known before a cut is chosen: `links[i]` goes from `tiers[i]`, the sensor's first, to the next.

    `alive` maps each cut with an exit to the share of all records that go on when its exit is the last they met. Exits
    further on let no more of them pass: a record that one exit is sure of, those above it are taken to be sure of too.
    """

    api_version: ApiVersion = "fogline/v1"
    network: Network
    tiers: Annotated[tuple[TierProfile, ...], Meta(min_length=1)]
    links: tuple[Link, ...] = ()
    alive: dict[LayerName, Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len({tier.name for tier in self.tiers}) != len(self.tiers):
            raise DocumentError("names a tier twice", field="tiers")
        if len(self.links) != len(self.tiers) - 1:
            raise DocumentError(
                f"{len(self.tiers)} tiers have {len(self.tiers) - 1} links between them, not {len(self.links)}",
                field="links",
            )
        self._check_shares()
        positions = {cut.name: position for position, cut in enumerate(self.network.cuts, 1)}
        for index, tier in enumerate(self.tiers):
            _check_segments(tier, positions, self.network.end, f"tiers[{index}].segments")
            _check_heads(tier, {cut.name for cut in self.network.cuts if cut.exit}, f"tiers[{index}].heads")

    def _check_shares(self) -> None:
        exits = [cut.name for cut in self.network.cuts if cut.exit]
        for name in self.alive:
            if name not in exits:
                raise DocumentError(f"no cut with an exit is called {name!r}", field="alive")
        for name in exits:
            if name not in self.alive:
                raise DocumentError(f"the share that goes on after the exit at {name!r} is missing", field="alive")
        for lower, upper in pairwise(exits):
            if self.alive[upper] > self.alive[lower]:
                raise DocumentError(
                    f"more records go on after {upper!r} ({self.alive[upper]}) than after {lower!r} "
                    f"({self.alive[lower]}), which lies below it",
                    field="alive",
                )


def _check_segments(tier: TierProfile, positions: dict[str, int], end: int, field: str) -> None:
    seen = set()
    for index, segment in enumerate(tier.segments):
        for side in ("after", "until"):
            name = getattr(segment, side)
            if name is not None and name not in positions:
                raise DocumentError(f"no cut is called {name!r}", field=f"{field}[{index}].{side}")
        span = span_of(segment, positions, end)
        if span[0] >= span[1]:
            raise DocumentError(f"{segment.until!r} does not lie above {segment.after!r}", field=f"{field}[{index}]")
        if span in seen:
            raise DocumentError("these layers have a time already", field=f"{field}[{index}]")
        seen.add(span)


def _check_heads(tier: TierProfile, exits: set[str], field: str) -> None:
    seen = set()
    for index, head in enumerate(tier.heads):
        if head.cut not in exits:
            raise DocumentError(f"no cut with an exit is called {head.cut!r}", field=f"{field}[{index}].cut")
        if head.cut in seen:
            raise DocumentError(f"the head at {head.cut!r} has a time already", field=f"{field}[{index}].cut")
        seen.add(head.cut)


def span_of(segment: Segment, positions: dict[str, int], end: int) -> tuple[int, int]:
    """The positions a segment lies between."""
    start = 0 if segment.after is None else positions[segment.after]
    return start, end if segment.until is None else positions[segment.until]
