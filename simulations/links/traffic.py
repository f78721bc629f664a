"""How bytes travel: read at one end, cut into pieces, sent over each lane in turn, given to the other end when due."""

import select
import socket
import time
from collections.abc import Callable, Iterable

from simulations.links.endpoint import Endpoint
from simulations.links.lane import Lane
from simulations.links.timeline import Timeline
from simulations.links.way import READ_BYTES, Mark, Piece, Way

# Those who wait for room in a lane's buffer take turns, each with so many pieces.
TURN_PIECES = 4


class Traffic:
    """Everything on its way. `endpoints` holds who is open, by descriptor."""

    def __init__(self, epoll: select.epoll, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.endpoints: dict[int, Endpoint] = {}
        self._epoll = epoll
        self._clock = clock
        self._buffer = memoryview(bytearray(READ_BYTES))
        self._pieces: Timeline[Piece] = Timeline()
        self._turns: Timeline[Lane] = Timeline()
        self._ready: dict[Way, list[tuple[float, memoryview]]] = {}

    @property
    def next_s(self) -> float:
        return min(self._pieces.next_s, self._turns.next_s)

    def open(self, new: socket.socket, *, target: tuple[str, int] | None = None) -> Endpoint:
        endpoint = Endpoint(self._epoll, new, target=target)
        self.endpoints[new.fileno()] = endpoint
        return endpoint

    def send(self, way: Way, pieces: Iterable[Piece], now_s: float) -> None:
        for piece in pieces:
            way.on_the_way += piece.size
            self._enter(piece, now_s)

    def advance(self, now_s: float) -> None:
        """Do what is due."""
        for due_s, piece in self._pieces.take(now_s):
            if not piece.is_entering:
                piece.hop += 1
            self._enter(piece, due_s)
        self._release()
        for _, lane in self._turns.take(now_s):
            self._take_turns(lane, now_s)

    def ready(self, endpoint: Endpoint, mask: int, now_s: float) -> None:
        """What epoll says of it."""
        if endpoint.is_connecting:
            self._answer(endpoint, is_open=endpoint.is_connected(), now_s=now_s)
            return
        if mask & select.EPOLLOUT:
            self._flush(endpoint, now_s)
        if mask & ~select.EPOLLOUT and not endpoint.is_closed and endpoint.out.may_read:
            self._read(endpoint.out, now_s)

    def cut(self, lane: Lane, now_s: float) -> None:
        if not lane.line.is_cut:
            lane.cut(now_s, self._pieces.pull(lambda piece: piece.way.lanes[piece.hop] is lane))

    def mend(self, lane: Lane, now_s: float) -> None:
        if lane.line.is_cut:
            for at_s, piece in lane.mend(now_s):
                piece.is_entering = True
                self._pieces.put(at_s, piece)
            self._wake(lane, now_s)

    def _enter(self, piece: Piece, now_s: float) -> None:
        """Onto its next lane, or out at the end."""
        way = piece.way
        piece.is_entering = False
        if piece.hop == len(way.lanes):
            self._deliver(piece, now_s)
            return
        lane, flow = way.lanes[piece.hop], way.flows[piece.hop]
        if lane.line.is_cut:
            lane.hold(now_s, piece)
        elif flow.resumes_s > now_s:
            piece.is_entering = True
            self._pieces.put(flow.resumes_s, piece)
        else:
            self._pieces.put(lane.send(now_s, piece, flow), piece)

    def _deliver(self, piece: Piece, due_s: float) -> None:
        way = piece.way
        if isinstance(piece.content, memoryview):
            self._ready.setdefault(way, []).append((due_s, piece.content))
            return
        self._release()
        if way.sink.is_closed:
            self._close(way.source)
            return
        match piece.content:
            case Mark.OPEN:
                self._arrive(way, due_s)
            case Mark.END:
                way.is_delivered = True
                way.sink.end()
                self._close_when_done(way)
            case Mark.RESET:
                self._close(way.sink, abort=True)
                self._close(way.source, abort=True)

    def _release(self) -> None:
        """What became due together goes together: a call of the kernel costs more than all else of a piece."""
        ready, self._ready = self._ready, {}
        for way, due in ready.items():
            content = due[0][1] if len(due) == 1 else memoryview(b"".join(content for _, content in due))
            if way.sink.is_closed:
                way.on_the_way -= len(content)
            else:
                self._hand_over(way, content, [due_s for due_s, _ in due])

    def _hand_over(self, way: Way, content: memoryview, due: list[float]) -> None:
        is_late_by_sink = way.sink.has_pending
        taken = way.sink.send(content)
        now_s = self._clock()
        if taken is None:
            self._break(way.sink, now_s)
            return
        if not is_late_by_sink and taken:
            for lane in way.lanes:
                for due_s in due:
                    lane.lateness.add(now_s - due_s)
        self._arrived(way, taken)

    def _arrived(self, way: Way, size: int) -> None:
        way.on_the_way -= size
        if way.waits_for_window and size and not way.sink.has_pending:
            way.waits_for_window = False
            way.source.watch_reads(wanted=True)

    def _flush(self, endpoint: Endpoint, now_s: float) -> None:
        taken = endpoint.flush()
        if taken is None:
            self._break(endpoint, now_s)
        else:
            self._arrived(endpoint.into, taken)
            self._close_when_done(endpoint.into)

    def _read(self, way: Way, now_s: float) -> None:
        if (lane := way.full_lane(now_s)) is not None:
            way.source.watch_reads(wanted=False)
            self._queue(way, lane, now_s)
        elif (room := way.room(now_s)) <= 0 or way.sink.has_pending:
            way.source.watch_reads(wanted=False)
            way.waits_for_window = True
        else:
            self._take(way, room, now_s)

    def _take(self, way: Way, most: int, now_s: float) -> bool:
        """Whether something was there."""
        received = way.source.receive(self._buffer[:most])
        match received:
            case None:
                return False
            case Mark.END:
                way.is_ended = True
                way.source.watch_reads(wanted=False)
                self.send(way, [Piece(way=way, content=Mark.END)], now_s)
            case Mark.RESET:
                self._break(way.source, now_s)
            case int() if not way.on_the_way and not way.sink.is_closed and way.is_transparent():
                self._pass_on(way, self._buffer[:received], now_s)
            case int():
                self.send(way, way.cut(bytes(self._buffer[:received]), more=received == most), now_s)
        return True

    def _pass_on(self, way: Way, content: memoryview, now_s: float) -> None:
        """From one kernel buffer to the other, over lanes that add nothing."""
        way.on_the_way += len(content)
        for lane in way.lanes:
            lane.count(len(content))
        self._hand_over(way, content, [now_s])

    def _queue(self, way: Way, lane: Lane, now_s: float) -> None:
        lane.waiting.append(way)
        self._wake(lane, now_s)

    def _wake(self, lane: Lane, now_s: float) -> None:
        """Put the next turn where there is room for it; a cut lane is woken when it is mended."""
        if lane.waiting and not lane.is_woken and not lane.line.is_cut:
            lane.is_woken = True
            wanted = min(TURN_PIECES * lane.line.piece_bytes, lane.line.buffer_bytes)
            self._turns.put(lane.line.room_at(now_s, wanted), lane)

    def _take_turns(self, lane: Lane, now_s: float) -> None:
        lane.is_woken = False
        for _ in range(len(lane.waiting)):
            way = lane.waiting.popleft()
            if not way.may_read:
                continue
            if way.full_lane(now_s) is lane:
                lane.waiting.appendleft(way)
                break
            most = min(way.room(now_s), TURN_PIECES * way.piece_bytes)
            if most <= 0 or way.full_lane(now_s) is not None or not self._take(way, most, now_s):
                way.source.watch_reads(wanted=True)
            elif way.may_read:
                lane.waiting.append(way)
        self._wake(lane, now_s)

    def _arrive(self, way: Way, now_s: float) -> None:
        """A handshake came through: to the target, which must be called, or back to the client, which may send now."""
        if way.sink.is_client:
            way.sink.out.is_open = True
            way.sink.watch_reads(wanted=True)
        elif not way.sink.connect():
            self._answer(way.sink, is_open=False, now_s=now_s)

    def _answer(self, target: Endpoint, *, is_open: bool, now_s: float) -> None:
        back = target.out
        if not is_open:
            self._close(target)
            self.send(back, [Piece(way=back, content=Mark.RESET)], now_s)
            return
        back.is_open = True
        target.watch_reads(wanted=True)
        self.send(back, [Piece(way=back, content=Mark.OPEN)], now_s)

    def _break(self, endpoint: Endpoint, now_s: float) -> None:
        """Its peer is gone: the other end hears of it after what was already sent."""
        self._close(endpoint)
        endpoint.out.is_ended = True
        self.send(endpoint.out, [Piece(way=endpoint.out, content=Mark.RESET)], now_s)

    def _close_when_done(self, way: Way) -> None:
        if way.is_delivered and way.sink.out.is_delivered and not way.sink.has_pending:
            self._close(way.sink)
            self._close(way.source)

    def _close(self, endpoint: Endpoint, *, abort: bool = False) -> None:
        if not endpoint.is_closed:
            del self.endpoints[endpoint.socket.fileno()]
            endpoint.close(abort=abort)
