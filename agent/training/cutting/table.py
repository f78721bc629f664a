"""A profile by position: what each tier can run, what a record costs it, and why it cannot run the rest."""

from collections.abc import Iterator
from typing import NamedTuple

from agent.training.cutting.network import Head, Network, Profile, Segment, TierProfile, span_of


class Load(NamedTuple):
    """What one tier's processor, or one link, has with a record, on average over all records that the sensor sends.

    `busy_s`: how long it can take no other record, shared among its nodes or lines. `link` is the link's index.
    """

    seconds: float = 0.0
    bytes: float = 0.0
    busy_s: float = 0.0
    link: int | None = None


class Run(NamedTuple):
    """A part that a tier can run, and what it takes for a record that comes to it."""

    end: int
    segment_s: float
    head_s: float


class TierTable:
    """One tier's measured times by position."""

    def __init__(self, tier: TierProfile, network: Network) -> None:
        positions = {cut.name: position for position, cut in enumerate(network.cuts, 1)}
        self.name = tier.name
        self.nodes = tier.nodes
        self.can_be_left_out = tier.can_be_left_out
        self._memory_bytes = tier.memory_bytes
        self._segments = {span_of(segment, positions, network.end): segment for segment in tier.segments}
        self._heads = {positions[head.cut]: head for head in tier.heads}
        self._exits = {positions[cut.name] for cut in network.cuts if cut.exit}
        self._runs: dict[int, list[Run]] = {}
        for start, end in sorted(self._segments):
            if self.obstacle(start, end) is None:
                self._runs.setdefault(start, []).append(self._run(start, end))

    def runs(self, start: int) -> list[Run]:
        """The parts it can run from here, the shortest first."""
        return self._runs.get(start, [])

    def obstacle(self, start: int, end: int) -> str | None:
        """Why it cannot run this part; None where it can."""
        segment, head = self._segments.get((start, end)), self._heads.get(end)
        if segment is None:
            return "was not measured"
        if end in self._exits and head is None:
            return "was measured without the head of its exit"
        needed = _parameters_bytes(segment, head)
        if self._memory_bytes is not None and needed > self._memory_bytes:
            return f"needs {needed} bytes of the {self._memory_bytes} there are"
        return None

    def _run(self, start: int, end: int) -> Run:
        head = self._heads.get(end)
        return Run(end, self._segments[start, end].time_s, 0.0 if head is None else head.time_s)


def _parameters_bytes(segment: Segment, head: Head | None) -> int:
    return segment.parameters_bytes + (0 if head is None else head.parameters_bytes)


class Table:
    """The whole question by position. A share is of all records that the sensor sends."""

    def __init__(self, profile: Profile) -> None:
        cuts = profile.network.cuts
        self.end = profile.network.end
        self.links = profile.links
        self.tiers = [TierTable(tier, profile.network) for tier in profile.tiers]
        self.names = (None, *(cut.name for cut in cuts), None)
        self.exits = (None, *(cut.exit for cut in cuts), None)
        self.sizes = (profile.network.input_bytes, *(cut.features_bytes for cut in cuts), 0)
        self._alive = (None, *(profile.alive.get(cut.name) for cut in cuts), 0.0)

    def alive(self, position: int, share: float) -> float:
        """The share that goes on when `share` came to the part that ends here; nothing goes on from the output."""
        after = self._alive[position]
        return share if after is None else after

    def part(self, tier: int, run: Run, share: float) -> Load:
        seconds = share * (run.segment_s + run.head_s)
        return Load(seconds=seconds, busy_s=seconds / self.tiers[tier].nodes)

    def crossing(self, link: int, position: int, share: float) -> Load:
        """`share` of the records leave `position` by this link."""
        line, size = self.links[link], self.sizes[position]
        sending_s = size / line.bytes_per_s
        return Load(share * (sending_s + line.fixed_s), share * size, share * sending_s / line.lines, link)

    def place(self, start: int, end: int) -> str:
        """In words, for an error."""
        lower = "the input" if start == 0 else repr(self.names[start])
        return f"from {lower} to {'the output' if end == self.end else repr(self.names[end])}"

    def spans(self, start: int) -> Iterator[tuple[int, int]]:
        """All parts that begin here, measured or not, the longest first."""
        return ((start, end) for end in range(self.end, start, -1))
