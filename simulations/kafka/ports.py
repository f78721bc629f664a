"""Ports for brokers.

Free ones are looked for below 32768, where Linux takes no port for outgoing connections: a broker that is stopped and
started again must find its port free, and a client that retries meanwhile must not connect to itself.
"""

import random
import socket
from collections import deque
from collections.abc import Iterable, Sequence

from simulations.kafka.config import HOST, Door, NodePorts
from simulations.kafka.errors import PortTakenError

LOWEST, HIGHEST = 20000, 32767
# What this process gave out last and may not be listened on yet: a broker advertises the doors of links that are opened
# when all brokers of a site stand. Sites that stand side by side have a few hundred ports.
_given_last: deque[int] = deque(maxlen=2000)


def free(count: int, chance: random.Random) -> tuple[int, ...]:
    """`count` different ports nobody listens on now, nor is about to in this process."""
    chosen: list[int] = []
    while len(chosen) < count:
        port = chance.randint(LOWEST, HIGHEST)
        if port not in _given_last and is_free(port):
            chosen.append(port)
            _given_last.append(port)
    return tuple(chosen)


def choose(
    nodes: int,
    given: Sequence[int] | None,
    chance: random.Random,
    *,
    secure: Sequence[str] = (),
    doors: Sequence[str] = (),
) -> tuple[NodePorts, ...]:
    """Those given for clients, not looked at, or free ones; free ones for all else."""
    chosen = iter(free((2 + len(secure) + 2 * len(doors)) * nodes, chance))
    clients = given or [next(chosen) for _ in range(nodes)]
    return tuple(
        NodePorts(
            broker=client,
            controller=next(chosen),
            secure={protocol: next(chosen) for protocol in secure},
            doors={name: Door(port=next(chosen), advertised=next(chosen)) for name in doors},
        )
        for client in clients
    )


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As the broker's own socket will: connections of an earlier one that linger in TIME_WAIT do no harm.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def require_free(ports: Iterable[int]) -> None:
    """Raises `PortTakenError` for the first that is not."""
    for port in ports:
        if not is_free(port):
            raise PortTakenError(port)
