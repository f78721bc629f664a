"""The shaper: one process, one thread, one loop over epoll and a kernel timer, for all links of an experiment."""

import math
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

from shared.errors import FoglineError, SettingsError
from simulations.links.control import Answer, Command, Cut, Mend, Order, Ready, Report, Slow, parse
from simulations.links.lane import Lane
from simulations.links.line import Line
from simulations.links.promptness import Scheduling
from simulations.links.settings import LinkSettings, RouteSettings, ShaperSettings
from simulations.links.statistics import ShaperStatistics
from simulations.links.timer import Timer
from simulations.links.traffic import Traffic
from simulations.links.way import Mark, Piece, Way

UP, DOWN = "up", "down"
STDIN = 0
BACKLOG = 1024

Handler = Callable[[int], None]


class Shaper:
    """Entered, it listens on `ports`; `run` carries until SIGTERM or SIGINT. `say` tells who started it."""

    def __init__(
        self, settings: ShaperSettings, *, scheduling: Scheduling, say: Callable[[Ready | Answer], None]
    ) -> None:
        self._settings = settings
        self._scheduling = scheduling
        self._say = say
        self._lanes = {
            (link.name, direction): _lane(link, direction, seed=settings.seed)
            for link in settings.links
            for direction in (UP, DOWN)
        }
        self._open = ExitStack()
        self._epoll = self._open.enter_context(select.epoll())
        self._timer = self._open.enter_context(Timer())
        self._traffic = Traffic(self._epoll)
        self._handlers: dict[int, Handler] = {}
        self._control = b""
        self._is_ending = False
        self._connections = 0
        self._reported = (time.monotonic(), 0, time.process_time())
        self.ports: tuple[int, ...] = ()

    def __enter__(self) -> "Shaper":
        self.ports = tuple(self._listen(index, route) for index, route in enumerate(self._settings.routes))
        self._epoll.register(self._timer, select.EPOLLIN)
        self._handlers[self._timer.fileno()] = lambda _: None
        self._hear_signals()
        self._hear_control()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def run(self) -> None:
        traffic, now_s = self._traffic, time.monotonic
        armed_s = math.inf
        while not self._is_ending:
            # 1. What is due goes before what is new: a line must see its senders in the order of time.
            events = self._epoll.poll()
            woken_s = now_s()
            traffic.advance(woken_s)
            # 2. What is new entered the shaper when it woke, not when its turn in this loop came.
            for descriptor, mask in events:
                if (endpoint := traffic.endpoints.get(descriptor)) is not None:
                    traffic.ready(endpoint, mask, woken_s)
                elif (handler := self._handlers.get(descriptor)) is not None:
                    handler(descriptor)
            # 3. What became due meanwhile, and the timer for what is next.
            traffic.advance(now_s())
            if (next_s := traffic.next_s) != armed_s or armed_s <= woken_s:
                armed_s = next_s
                self._timer.set(armed_s)

    def take_statistics(self, now_s: float) -> ShaperStatistics:
        """Since the last call, or since the start."""
        since_s, connections, cpu_s = self._reported
        self._reported = (now_s, self._connections, time.process_time())
        return ShaperStatistics(
            lines=tuple(lane.take_statistics() for lane in self._lanes.values()),
            connections=self._connections - connections,
            wall_s=now_s - since_s,
            cpu_s=self._reported[2] - cpu_s,
            scheduling=self._scheduling,
        )

    def _listen(self, index: int, route: RouteSettings) -> int:
        listener = self._open.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setblocking(False)
        address = (self._settings.listen_host, route.listen_port)
        try:
            listener.bind(address)
        except OSError as error:
            raise SettingsError(f"routes[{index}]: cannot listen on {address[0]}:{address[1]}: {error}") from error
        listener.listen(BACKLOG)
        self._epoll.register(listener, select.EPOLLIN)
        self._handlers[listener.fileno()] = partial(self._accept, listener, index, route)
        port: int = listener.getsockname()[1]
        return port

    def _accept(self, listener: socket.socket, index: int, route: RouteSettings, _: int) -> None:
        now_s = time.monotonic()
        while True:
            try:
                accepted, _address = listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            self._connections += 1
            self._begin(accepted, route, name=f"{index}/{self._connections}", now_s=now_s)

    def _begin(self, accepted: socket.socket, route: RouteSettings, *, name: str, now_s: float) -> None:
        """The connection is there for its client at once; its bytes wait for the handshake to cross the links."""
        client = self._traffic.open(accepted)
        target = self._traffic.open(socket.socket(), target=(route.target_host, route.target_port))
        up_lanes = tuple(self._lanes[link, UP] for link in route.links)
        down_lanes = tuple(self._lanes[link, DOWN] for link in reversed(route.links))
        round_trip_s = sum(lane.line.settings.latency for lane in (*up_lanes, *down_lanes))
        up = Way(client, target, up_lanes, name=name, round_trip_s=round_trip_s)
        down = Way(target, client, down_lanes, name=name, round_trip_s=round_trip_s)
        client.out, client.into, target.out, target.into = up, down, down, up
        self._traffic.send(up, [Piece(way=up, content=Mark.OPEN)], now_s)

    def _hear_signals(self) -> None:
        """The handler only sets a flag; the byte that Python writes for it ends the wait."""
        here, there = socket.socketpair()
        for one in (here, there):
            self._open.enter_context(one).setblocking(False)
        self._epoll.register(here, select.EPOLLIN)
        self._handlers[here.fileno()] = lambda _: None
        self._open.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(there.fileno()))
        for number in (signal.SIGTERM, signal.SIGINT):
            self._open.callback(signal.signal, number, signal.signal(number, self._end))

    def _end(self, *_: object) -> None:
        self._is_ending = True

    def _hear_control(self) -> None:
        try:
            self._epoll.register(STDIN, select.EPOLLIN)
        except (PermissionError, OSError):
            # A file or /dev/null, which is never waited for: nobody commands.
            return
        self._handlers[STDIN] = self._read_control

    def _read_control(self, _: int) -> None:
        received = os.read(STDIN, 65536)
        if not received:
            self._epoll.unregister(STDIN)
            return
        *lines, self._control = (self._control + received).split(b"\n")
        for line in lines:
            try:
                answer = self._obey(parse(line, frozenset(link for link, _ in self._lanes)))
            except FoglineError as error:
                answer = Answer(refused=f"{line.decode(errors='replace')}: {error}")
            self._say(answer)

    def _obey(self, command: Command) -> Answer:
        now_s = time.monotonic()
        if isinstance(command, Report):
            return Answer(at_s=now_s, statistics=self.take_statistics(now_s))
        for lane in (self._lanes[command.link, direction] for direction in (UP, DOWN)):
            self._order(lane, command, now_s)
        return Answer(at_s=now_s)

    def _order(self, lane: Lane, order: Order, now_s: float) -> None:
        match order:
            case Cut():
                self._traffic.cut(lane, now_s)
            case Mend():
                self._traffic.mend(lane, now_s)
            case Slow():
                lane.line.slow(order.factor)


def _lane(link: LinkSettings, direction: str, *, seed: int) -> Lane:
    settings = link.up if direction == UP else link.down
    line = Line(settings, seed=f"{seed}/{link.name}/{direction}", round_trip_s=link.round_trip_s)
    return Lane(line, link=link.name, direction=direction)


def allow_many_connections() -> None:
    """Each takes two descriptors; the usual limit of 1,024 is for programs that wait with `select`."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
