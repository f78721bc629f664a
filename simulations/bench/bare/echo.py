"""The echo: every record comes back as it was, committed before the next is taken. The least a round trip can cost.

    python -m simulations.bench.bare.echo SETTINGS.json

The clients and their settings are the agent's. Runs until it is stopped.
"""

import asyncio
import sys
from pathlib import Path

from shared.documents import Cluster, Message, decode
from shared.kafka import consumer, producer


class EchoSettings(Message, frozen=True, kw_only=True):
    cluster: Cluster
    input: str
    output: str
    group: str


async def run(settings: EchoSettings) -> None:
    source = consumer(settings.cluster, group=settings.group)
    source.subscribe([settings.input])
    sink = producer(settings.cluster)
    await sink.start()
    await source.start()
    while True:
        for partition, taken in (await source.getmany(timeout_ms=1000)).items():
            sent = [await sink.send(settings.output, one.value, headers=list(one.headers)) for one in taken]
            await asyncio.gather(*sent)
            await source.commit({partition: taken[-1].offset + 1})


if __name__ == "__main__":
    asyncio.run(run(decode(Path(sys.argv[1]).read_bytes(), EchoSettings)))
