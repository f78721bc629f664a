"""From what the clients saw and the links carried to the rows of the tables. Pure."""

from collections.abc import Sequence

from simulations.links.statistics import LineStatistics
from simulations.measurement.rows import HopRow, LinkRow, RecordRow
from simulations.running.clients import Result
from simulations.running.site import tier_of


def records(results: Sequence[Result], *, cell: int, repetition: int) -> list[RecordRow]:
    """One a record that was due, sent or not."""
    return [_record(result, cell, repetition) for result in results]


def hops(results: Sequence[Result], *, cell: int, repetition: int) -> list[HopRow]:
    """One a tier that answered records passed."""
    return [
        HopRow(
            cell=cell,
            repetition=repetition,
            id=result.id,
            hop=number,
            tier=tier_of(entry.node),
            node=entry.node,
            received_us=entry.received_us,
            inferred_us=entry.inferred_us,
            sent_us=entry.sent_us,
        )
        for result in results
        if result.prediction is not None
        for number, entry in enumerate(result.prediction.trail)
    ]


def links(lines: Sequence[LineStatistics], *, cell: int, repetition: int) -> list[LinkRow]:
    """One a direction of a link."""
    return [
        LinkRow(
            cell=cell,
            repetition=repetition,
            link=line.link,
            direction=line.direction,
            bytes=line.bytes,
            chunks=line.chunks,
            stalls=line.stalls,
            error_p50_us=line.error.p50_us,
            error_p99_us=line.error.p99_us,
        )
        for line in lines
    ]


def _record(result: Result, cell: int, repetition: int) -> RecordRow:
    said = result.prediction
    return RecordRow(
        cell=cell,
        repetition=repetition,
        client=result.client,
        number=result.number,
        id=result.id,
        due_us=result.due_us,
        sent_us=result.sent_us,
        acked_us=result.acked_us,
        answered_us=result.answered_us,
        warm_up=result.warm_up,
        tier=None if said is None else said.tier,
        version=None if said is None else said.version,
        class_=None if said is None else said.class_,
        label=result.label,
        confidence=None if said is None else said.confidence,
        degraded=False if said is None else said.degraded,
        answers=result.answers,
        dead_letter=result.dead_letter,
    )
