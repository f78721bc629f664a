"""The clients' producers: a request to one broker at a time, and what comes meanwhile travels in the next one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from simulations.model.broker import Broker
from simulations.model.clock import Clock
from simulations.model.lines import Line, acknowledged, send
from simulations.model.nanoseconds import Times
from simulations.model.records import Records

# A record batch's own 61 bytes, and about what a produce request and its answer put around it.
REQUEST_BYTES = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From the clients to a tier's log, and back. Its queues are as they were left."""

    up: tuple[Line, ...]
    down: tuple[Line, ...]
    broker: Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class Produced:
    """Of each record: when it is in the log, and when its client knows."""

    appended: Times
    acked: Times


def produce(records: Records, record_bytes: int, make_way: Callable[[], Way]) -> Produced:
    """All records on their way to the first tier. Each call of `make_way` gives the same way, unused."""
    alone = _each_alone(records, record_bytes, make_way())
    if _nobody_waits(records, alone):
        return alone
    return _Producers(records, record_bytes, make_way()).run()


def _each_alone(records: Records, record_bytes: int, way: Way) -> Produced:
    """Right if no record of a client comes while an earlier one is under way."""
    order = np.argsort(records.sent, kind="stable")
    at = records.sent[order]
    sizes = np.full(len(at), record_bytes + REQUEST_BYTES, dtype=np.int64)
    for line in way.up:
        turn = np.argsort(at, kind="stable")
        arrived = np.empty(len(at), np.int64)
        arrived[turn] = line.send_all(at[turn], sizes)
        at = arrived
    appended = np.empty(len(at), np.int64)
    appended[order] = way.broker.append_all(at)
    return Produced(appended=appended, acked=_all_acknowledged(way.down, appended))


def _all_acknowledged(down: Sequence[Line], appended: Times) -> Times:
    for line in down:
        appended = line.all_acknowledged_after(appended)
    return appended


def _nobody_waits(records: Records, alone: Produced) -> bool:
    is_same = records.client[1:] == records.client[:-1]
    return not np.any(is_same & (records.sent[1:] < alone.acked[:-1]))


class _Producers:
    def __init__(self, records: Records, record_bytes: int, way: Way) -> None:
        order = np.argsort(records.sent, kind="stable")
        self._rows: list[int] = order.tolist()
        self._sent: list[int] = records.sent[order].tolist()
        self._client: list[int] = records.client[order].tolist()
        self._busy_until = [0] * (int(records.client.max(initial=-1)) + 1)
        self._waiting: dict[int, list[int]] = {}
        self._record_bytes = record_bytes
        self._way = way
        self._clock = Clock()
        self._next = 0
        self._appended = [0] * len(self._rows)
        self._acked = [0] * len(self._rows)

    def run(self) -> Produced:
        self._await_next()
        self._clock.run()
        return Produced(appended=np.array(self._appended, dtype=np.int64), acked=np.array(self._acked, dtype=np.int64))

    def _await_next(self) -> None:
        if self._next < len(self._rows):
            self._clock.at(self._sent[self._next], self._due)

    def _due(self, now: int) -> None:
        row, client = self._rows[self._next], self._client[self._next]
        self._next += 1
        if client in self._waiting:
            self._waiting[client].append(row)
        elif self._busy_until[client] > now:
            self._waiting[client] = [row]
            self._clock.at(self._busy_until[client], lambda moment: self._flush(client, moment))
        else:
            self._request(client, [row], now)
        self._await_next()

    def _flush(self, client: int, now: int) -> None:
        self._request(client, self._waiting.pop(client), now)

    def _request(self, client: int, rows: list[int], now: int) -> None:
        way = self._way
        arrived = send(way.up, now, len(rows) * self._record_bytes + REQUEST_BYTES)
        appended = way.broker.append(arrived, len(rows))
        acked = acknowledged(way.down, appended)
        self._busy_until[client] = acked
        for row in rows:
            self._appended[row] = appended
            self._acked[row] = acked
