"""Whether a broker is there: a started client raises nothing while it tries to connect, and says nothing for long."""

import asyncio

from aiokafka import AIOKafkaConsumer

from shared.errors import ClusterError
from shared.kafka import is_connected

# A connection that is made anew at once is no news.
PATIENCE_S = 3.0
_LOOK_S = 0.2


async def reached(client: AIOKafkaConsumer, cluster: str, *, patience_s: float = PATIENCE_S) -> None:
    """At once while one is connected; for a client that has asked for something already.

    Raises ClusterError when none is for a while.
    """
    clock = asyncio.get_running_loop().time
    since = clock()
    # Nothing tells of a connection that is lost or made.
    while not is_connected(client):
        if clock() - since > patience_s:
            raise ClusterError(f"cluster {cluster!r}: no broker is connected")
        await asyncio.sleep(_LOOK_S)
