"""One direction of one connection: the lanes it crosses, and the pieces of its bytes on their way over them."""

import math
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from simulations.links.line import Flow
from simulations.links.recovery import FIRST_TIMEOUT_S, timeout_s

if TYPE_CHECKING:
    from simulations.links.endpoint import Endpoint
    from simulations.links.lane import Lane

# Under the receive window that Linux grows to by default (tcp_rmem: 6 MiB, part of it for bookkeeping).
WINDOW_BYTES = 4 * 2**20
READ_BYTES = 512 * 2**10


class Mark(Enum):
    """What crosses a link besides bytes: SYN and its answer, FIN, RST."""

    OPEN = "open"
    END = "end"
    RESET = "reset"


@dataclass(slots=True, eq=False, kw_only=True)
class Piece:
    """`hop`: the lane it is on, or about to enter; `behind`: bytes that are sent right after it."""

    way: "Way"
    content: memoryview | Mark
    behind: int = 0
    hop: int = 0
    is_entering: bool = False

    @property
    def size(self) -> int:
        return 0 if isinstance(self.content, Mark) else len(self.content)

    @property
    def first_timeout_s(self) -> float | None:
        return FIRST_TIMEOUT_S if self.content is Mark.OPEN else None

    @property
    def timeout_s(self) -> float:
        return self.first_timeout_s or timeout_s(self.way.round_trip_s)


class Way:
    """From `source` to `sink`. Bytes are read once `is_open`, until `is_ended`."""

    __slots__ = (
        "flows", "is_delivered", "is_ended", "is_open", "lanes", "on_the_way", "piece_bytes", "round_trip_s", "sink",
        "source", "waits_for_window",
    )  # fmt: skip

    def __init__(
        self, source: "Endpoint", sink: "Endpoint", lanes: "tuple[Lane, ...]", *, name: str, round_trip_s: float
    ) -> None:
        self.source = source
        self.sink = sink
        self.lanes = lanes
        self.flows: tuple[Flow, ...] = tuple(lane.line.flow(name, round_trip_s=round_trip_s) for lane in lanes)
        self.round_trip_s = round_trip_s
        narrowest = min((lane.line.piece_bytes for lane in lanes), default=math.inf)
        self.piece_bytes = int(min(narrowest, READ_BYTES))
        self.on_the_way = 0
        self.is_open = False
        self.is_ended = False
        self.is_delivered = False
        self.waits_for_window = False

    @property
    def may_read(self) -> bool:
        return self.is_open and not self.is_ended and not self.source.is_closed

    def is_transparent(self) -> bool:
        """Nothing delays its bytes: they need not be kept."""
        return all(lane.line.is_transparent and not lane.line.is_cut for lane in self.lanes)

    def full_lane(self, now_s: float) -> "Lane | None":
        """The first one without room for another piece."""
        return next((lane for lane in self.lanes if lane.room(now_s) < self.piece_bytes), None)

    def room(self, now_s: float) -> int:
        """How many bytes may be read now."""
        room = min((lane.room(now_s) for lane in self.lanes), default=math.inf)
        return int(min(READ_BYTES, WINDOW_BYTES - self.on_the_way, room))

    def cut(self, content: bytes, *, more: bool) -> list[Piece]:
        """Pieces that a line sends one after the other, others' between them; `more` to come at once after them."""
        whole, step = memoryview(content), self.piece_bytes
        size = len(content) + more * READ_BYTES
        return [
            Piece(way=self, content=whole[start : start + step], behind=max(0, size - start - step))
            for start in range(0, len(content), step)
        ]
