"""A line at work: the model, what a cut holds back, and who waits for room in its buffer."""

from collections import deque

from simulations.links.line import Flow, Line
from simulations.links.recovery import resumes_at
from simulations.links.statistics import LatenessCounter, LineStatistics
from simulations.links.way import Piece, Way


class Lane:
    __slots__ = (
        "bytes",
        "chunks",
        "direction",
        "held",
        "held_bytes",
        "is_woken",
        "lateness",
        "line",
        "link",
        "waiting",
    )

    def __init__(self, line: Line, *, link: str, direction: str) -> None:
        self.line = line
        self.link = link
        self.direction = direction
        self.bytes = 0
        self.chunks = 0
        self.held: list[tuple[float, Piece]] = []
        self.held_bytes = 0
        self.lateness = LatenessCounter()
        self.waiting: deque[Way] = deque()
        self.is_woken = False

    def send(self, now_s: float, piece: Piece, flow: Flow) -> float:
        """When it arrives at the other end."""
        self.count(piece.size)
        return self.line.send(now_s, piece.size, flow, behind=piece.behind, first_timeout_s=piece.first_timeout_s)

    def count(self, size: int) -> None:
        self.bytes += size
        self.chunks += 1

    def hold(self, now_s: float, piece: Piece) -> None:
        self.held.append((now_s, piece))
        self.held_bytes += piece.size

    def cut(self, now_s: float, on_the_way: list[Piece]) -> None:
        """`on_the_way`: what was on this lane, in order. All of it is lost and will be sent again."""
        self.line.cut()
        for piece in on_the_way:
            self.hold(now_s, piece)

    def mend(self, now_s: float) -> list[tuple[float, Piece]]:
        """What it held, each with the moment at which its sender tries again."""
        self.line.mend(now_s)
        seen: set[Flow] = set()
        for caught_s, piece in self.held:
            flow = piece.way.flows[piece.hop]
            if flow not in seen:
                seen.add(flow)
                flow.resumes_s = resumes_at(caught_s, now_s, piece.timeout_s)
        again = [(piece.way.flows[piece.hop].resumes_s, piece) for _, piece in self.held]
        self.held, self.held_bytes = [], 0
        return again

    def room(self, now_s: float) -> float:
        """Bytes that its buffer takes now."""
        return self.line.buffer_bytes - self.line.backlog_bytes(now_s) - self.held_bytes

    def take_statistics(self) -> LineStatistics:
        """Since the last call."""
        taken = LineStatistics(
            link=self.link,
            direction=self.direction,
            bytes=self.bytes,
            chunks=self.chunks,
            stalls=self.line.stalls,
            error=self.lateness.summary(),
        )
        self.bytes = self.chunks = self.line.stalls = 0
        self.lateness = LatenessCounter()
        return taken
