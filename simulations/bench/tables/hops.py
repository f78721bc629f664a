"""What each hop of the way costs a record, one after the other, on micro-batches of three sizes."""

import asyncio

import msgspec

from shared.documents import encode
from simulations.bench.bare.hops import HopsSettings
from simulations.bench.bench import Bench
from simulations.bench.programs import printed
from simulations.bench.report import Table
from simulations.bench.workloads import make_route

BATCHES = (1, 16, 256)


class Hops:
    name = "hops"
    title = "The cost of each hop: µs a record, one after the other, by batch size"

    def run(self, bench: Bench) -> Table:
        bench.say("hops")
        route = asyncio.run(make_route(bench.cluster, "hops"))
        settings = bench.layout.directory / "hops.json"
        settings.write_bytes(encode(HopsSettings(cluster=bench.cluster, route=route, batches=BATCHES)))
        found = msgspec.json.decode(printed("hops", str(settings)), type=dict[int, dict[str, float]])
        rows = tuple(
            (hop, *(f"{1e6 * found[batch][hop] / batch:.1f}" for batch in BATCHES)) for hop in found[BATCHES[0]]
        )
        return Table(name=self.name, title=self.title, columns=("hop", *map(str, BATCHES)), rows=rows)
