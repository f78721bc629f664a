"""What a way took, answered and sent, in the figures of an experiment. Pure."""

import msgspec

from simulations.measurement.figures import figures
from simulations.measurement.run_folder import Tables
from simulations.running import rows
from simulations.running.repetition import Outcome

PERCENTILES = ("p50", "p95", "p99")


class WayFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`latency_ms` by percentile, from when a record was due until its answer was read. Infinite, and null in JSON,
    where it falls on a record that was never answered. `shares` of the answered by tier and `accuracy` are fractions.

    `bytes_up` by link, away from the sensor: all that crossed it in all of the load, requests of Kafka included.
    `records`: how many were counted; `sent` and `unanswered` have those of the warm-up too.
    """

    sent: int
    records: int
    unanswered: int
    latency_ms: dict[str, float]
    shares: dict[str, float]
    accuracy: float | None
    bytes_up: dict[str, int]


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """`links` are the presets by link. `rate`: records a second. `link_share`: of the first link's bandwidth, how much
    the cloud-only way took. `machine_load`: programs that ran or waited to run for each of this machine's processors,
    over a minute, when the busier way ended."""

    links: dict[str, str]
    rate: float
    link_share: float
    machine_load: float
    continuum: WayFigures
    cloud_only: WayFigures


def figures_of(outcome: Outcome) -> WayFigures:
    at = {"cell": 0, "repetition": 0}
    records, links = rows.records(outcome.results, **at), rows.links(outcome.lines, **at)
    tables = Tables.of(records=records, hops=rows.hops(outcome.results, **at), links=links)
    by_name = {one.name: one.value for one in figures(tables, seed=0)}
    return WayFigures(
        sent=len(records),
        records=sum(not one.warm_up for one in records),
        unanswered=round(by_name["lost"] + by_name["dead_lettered"]),
        latency_ms={percentile: by_name[f"latency_{percentile}"] for percentile in PERCENTILES},
        shares=_with_prefix(by_name, "exit_share."),
        accuracy=by_name.get("accuracy"),
        bytes_up={one.link: one.bytes for one in links if one.direction == "up"},
    )


def _with_prefix(by_name: dict[str, float], prefix: str) -> dict[str, float]:
    return {name.removeprefix(prefix): value for name, value in by_name.items() if name.startswith(prefix)}
