"""One direction of one link, as a model: when does what is sent now arrive? Pure; times come in as arguments.

A line is a queue and a wire. The queue is first in, first out and shared by all connections, and the wire takes
`size / bandwidth` to send a piece (a fluid of one server: a token bucket whose depth is one piece, so that no burst
passes faster than the bandwidth). Then comes the latency with its jitter. A connection's bytes never overtake each
other: behind a late piece the later ones wait, as TCP's receiver would hold them.

Left out: slow start and congestion control (a connection may fill the queue at once; its window is fixed), headers and
acknowledgements (they take no bandwidth), and queues that drop (a full one makes the sender wait).
"""

import math
from random import Random

from simulations.links.jitter import quantile
from simulations.links.recovery import stall_s
from simulations.links.settings import LineSettings

# What an Ethernet frame of 1,500 bytes leaves to a TCP connection with timestamps.
SEGMENT_BYTES = 1448
LEAST_BUFFER_BYTES = 64 * 2**10
# Pieces are cut so that sending one keeps the line no longer than this, but never below a segment.
PIECE_S = 0.000_25


class Flow:
    """One connection's share of a line. Its draws are its own: what others send does not change them.

    `round_trip_s` is that of all links on its way.
    """

    __slots__ = ("_drawn_for_s", "_jitter", "_loss", "arrival_s", "offset", "resumes_s", "round_trip_s")

    def __init__(self, *, seed: str, round_trip_s: float) -> None:
        # Two streams, so that the delays stay the same when only the loss is changed, and the other way round.
        self._jitter = Random(f"{seed}/jitter")  # noqa: S311 - a model's noise guards nothing
        self._loss = Random(f"{seed}/loss")  # noqa: S311 - as above
        self._drawn_for_s = -math.inf
        self.offset = 0.0
        self.arrival_s = -math.inf
        # After an outage: not before its sender tries again.
        self.resumes_s = -math.inf
        self.round_trip_s = round_trip_s

    def jitter(self, now_s: float, settings: LineSettings) -> float:
        """Seconds to add to the latency. What is sent at one moment shares one draw."""
        if settings.jitter and now_s != self._drawn_for_s:
            self._drawn_for_s = now_s
            self.offset = settings.jitter * quantile(settings.distribution, self._jitter.random())
        return self.offset

    def losses(self, segments: int, share: float) -> int:
        """How often in a row a piece is lost that needs each of its segments."""
        if not share:
            return 0
        chance, losses = 1 - (1 - share) ** segments, 0
        while losses < 16 and self._loss.random() < (chance if losses == 0 else share):
            losses += 1
        return losses


class Line:
    """Times passed to its methods must not fall. `round_trip_s` is the link's own, and only sizes the buffer."""

    __slots__ = (
        "_free_s",
        "_s_per_byte",
        "buffer_bytes",
        "factor",
        "is_cut",
        "piece_bytes",
        "seed",
        "settings",
        "stalls",
    )

    def __init__(self, settings: LineSettings, *, seed: str, round_trip_s: float) -> None:
        self.settings = settings
        self.seed = seed
        self.factor = 1.0
        self.is_cut = False
        self.stalls = 0
        bandwidth = settings.bandwidth or math.inf
        self.buffer_bytes = max(LEAST_BUFFER_BYTES, 2 * bandwidth * (round_trip_s or 0.001))
        self.piece_bytes = max(SEGMENT_BYTES, bandwidth * PIECE_S)
        self._s_per_byte = 1 / bandwidth
        self._free_s = -math.inf

    @property
    def is_transparent(self) -> bool:
        """Nothing sent over it is delayed."""
        return not (self.settings.latency or self.settings.jitter or self.settings.loss or self.settings.bandwidth)

    def flow(self, name: str, *, round_trip_s: float) -> Flow:
        return Flow(seed=f"{self.seed}/{name}", round_trip_s=round_trip_s)

    def send(
        self, now_s: float, size: int, flow: Flow, *, behind: int = 0, first_timeout_s: float | None = None
    ) -> float:
        """When `size` bytes are at the other end, at once; infinity on a cut line: then they are to be sent again.

        `behind`: bytes of the same connection that follow at the same moment, on which it depends how soon the
        loss of these is noticed. `first_timeout_s` stands in place of the usual retransmission timeout.
        """
        if self.is_cut:
            return math.inf
        self._free_s = max(now_s, self._free_s) + size * self._s_per_byte
        settings = self.settings
        delay_s = max(0.0, settings.latency * self.factor + flow.jitter(now_s, settings))
        losses = flow.losses(-(-size // SEGMENT_BYTES) or 1, settings.loss)
        if losses:
            self.stalls += 1
            following = behind // SEGMENT_BYTES
            delay_s += stall_s(
                losses, round_trip_s=flow.round_trip_s, following=following, first_timeout_s=first_timeout_s
            )
        flow.arrival_s = max(flow.arrival_s, self._free_s + delay_s)
        return flow.arrival_s

    def backlog_bytes(self, now_s: float) -> float:
        """What waits for the wire or is on it, not yet sent to its end."""
        return max(0.0, self._free_s - now_s) / self._s_per_byte if self._s_per_byte else 0.0

    def room_at(self, now_s: float, size: float) -> float:
        """When the buffer holds `size` bytes more than what was sent so far; `now_s` if it does."""
        excess = self.backlog_bytes(now_s) + size - self.buffer_bytes
        return now_s + max(0.0, excess) * self._s_per_byte

    def cut(self) -> None:
        self.is_cut = True

    def mend(self, now_s: float) -> None:
        """What was on it when it was cut is lost, and its senders' to send again."""
        self.is_cut = False
        self._free_s = now_s

    def slow(self, factor: float) -> None:
        """The latency from now on, as a multiple of the settings'; 1 ends it."""
        self.factor = factor
