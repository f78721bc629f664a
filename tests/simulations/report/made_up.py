"""A made-up run in a folder: two set-ups, each with 1 and with 8 clients, a fault, and a record that is lost."""

import json
from collections.abc import Mapping
from pathlib import Path

from simulations.measurement.rows import HopRow, LagRow, LinkRow, RecordRow, ResourceRow
from simulations.measurement.run_folder import DONE, Tables, folder, write

EXPERIMENT = """
api_version = "fogline/v1"
kind = "experiment"
name = "made-up"
title = "Made up"
repetitions = 2
places = ["edge", "cloud"]
tiers = [{ name = "edge" }, { name = "cloud" }]
links = [{ between = ["edge", "cloud"], preset = "wan" }]
faults = [{ at = "1 s", kind = "kill", on = "agent:cloud-1" }, { at = "2 s", kind = "restart", on = "agent:cloud-1" }]
[load]
rate = "10 /s"
duration = "4 s"
[[sweep.list]]
name = "cloud only"
tiers = [{ name = "cloud" }]
[[sweep.list]]
name = "edge and cloud"
[sweep.grid]
"load.clients" = [1, 8]
"""
MANIFEST: Mapping[str, object] = {"began": "2026-01-02", "machine": {"cores": 2, "versions": {"a": "1"}}}
CELLS, MS = range(4), 1000


def is_cloud_only(cell: int) -> bool:
    return cell < 2


def is_far(cell: int, number: int) -> bool:
    """Of a record: every fourth goes on to the cloud, and all do where there is nothing else."""
    return is_cloud_only(cell) or number % 4 == 0


def records(cell: int, repetition: int, slower_ms: int) -> list[RecordRow]:
    """The last one of cell 3 is lost."""
    found = []
    for number in range(40):
        due, far = number * 100 * MS, is_far(cell, number)
        is_lost = cell == 3 and number == 39
        answered = None if is_lost else due + (20 + 30 * far + number % 7 + slower_ms + repetition) * MS
        found.append(
            RecordRow(
                cell=cell,
                repetition=repetition,
                client=0,
                number=number,
                id=f"{number:02x}",
                due_us=due,
                sent_us=due + MS,
                acked_us=due + 2 * MS,
                answered_us=answered,
                tier=None if is_lost else "cloud" if far else "edge",
                class_=None if is_lost else 1,
                label=1,
                answers=0 if is_lost else 1,
            )
        )
    return found


def hops(cell: int, repetition: int) -> list[HopRow]:
    def hop(number: int, place: int, tier: str) -> HopRow:
        begin = number * 100 * MS + (5 + 20 * place) * MS
        return HopRow(
            cell=cell, repetition=repetition, id=f"{number:02x}", hop=place, tier=tier, node=f"{tier}-1",
            received_us=begin, inferred_us=begin + 2 * MS, sent_us=begin + 3 * MS,
        )  # fmt: skip

    edge = [] if is_cloud_only(cell) else [hop(number, 0, "edge") for number in range(40)]
    return edge + [hop(number, 1, "cloud") for number in range(40) if is_far(cell, number)]


def tables(cell: int, repetition: int, slower_ms: int) -> Tables:
    at = {"cell": cell, "repetition": repetition}
    moments = (0, 2_000_000, 4_000_000)
    waiting = {"cloud": (0, 9, 0)} | ({} if is_cloud_only(cell) else {"edge": (3, 3, 3)})
    return Tables.of(
        records=list(records(cell, repetition, slower_ms)),
        hops=list(hops(cell, repetition)),
        links=[
            LinkRow(
                **at,
                link="edge-cloud",
                direction=way,
                bytes=9000,
                chunks=9,
                stalls=2,
                error_p50_us=80,
                error_p99_us=2500,
            )
            for way in ("up", "down")
        ],
        resources=[
            ResourceRow(**at, at_us=us, program="agent:cloud-1", cpu_s=us / 4e6, rss_bytes=60 * 2**20) for us in moments
        ],
        lag=[
            LagRow(**at, at_us=us, tier=tier, records=count)
            for tier, counts in waiting.items()
            for us, count in zip(moments, counts, strict=True)
        ],
    )


def made_run(run: Path, *, slower_ms: int = 0, repetitions: int = 2) -> Path:
    """`slower_ms`: what each answer takes longer. `repetitions`: those that were finished, of two."""
    run.mkdir()
    (run / "experiment.toml").write_text(EXPERIMENT)
    (run / "manifest.json").write_text(json.dumps(MANIFEST))
    for cell in CELLS:
        for repetition in range(repetitions):
            where = folder(run, cell, repetition)
            write(where, tables(cell, repetition, slower_ms))
            (where / DONE).write_text("{}")
    return run
