"""What of a site's streams an update learns from, and in words why nothing yet. Pure."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from agent.federation.participant.catalogue import Stream
from agent.federation.participant.matching import mismatches
from agent.federation.participant.spans import offsets, united, without
from shared.documents import Rates
from shared.documents.federation import Federation, LearntData, Requirements
from shared.streams.inputs import Input
from shared.streams.ranges import Range

_MOST_SHOWN = 5
# A share that is whole but for the last bits of a float is whole.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Streams that fit; `unfit` says of each other one why it does not."""

    streams: tuple[Stream, ...]
    unfit: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """`ranges`: of one or several topics, read the same way. `notice`: what of the data is left out, or empty."""

    ranges: tuple[Range, ...]
    input: Input
    rates: Rates
    notice: str = ""


def choice(required: Requirements, streams: Iterable[Stream]) -> Choice:
    """A stream need not have all the records that are asked for: several may have them together."""
    each = replace(required, records=1)
    found = [(stream, mismatches(each, stream.found)) for stream in streams]
    return Choice(
        streams=tuple(stream for stream, reasons in found if not reasons),
        unfit=tuple(f"{stream}: {'; '.join(reasons)}" for stream, reasons in found if reasons),
    )


def lesson(
    federation: Federation, chosen: Choice, there: Sequence[tuple[Range, ...]], learnt: Iterable[Range]
) -> Lesson | str:
    """`there`: of each chosen stream what its log holds; `learnt`: what was learnt by updates that were sent.

    In words why there is none. It is enough when what is left for training, of all of it, is.
    """
    if not chosen.streams:
        return _nobody(federation.control_topic, chosen.unfit)
    known = (*learnt,) if federation.data is LearntData.NEW else ()
    kinds = {_kind(one): one for one in reversed(chosen.streams)}
    found = {kind: without(united(_of(kind, chosen.streams, there)), known) for kind in kinds}
    # The kind announced first that has enough; of all of them the first where none has.
    order = sorted(kinds, key=lambda kind: chosen.streams.index(kinds[kind]))
    trained = {kind: _trained(offsets(found[kind]), _rates(federation, kinds[kind])) for kind in kinds}
    enough = [kind for kind in order if trained[kind] >= federation.requirements.records]
    if not enough:
        return _too_few(federation, max(trained.values()))
    taken = enough[0]
    return Lesson(
        ranges=found[taken],
        input=kinds[taken].announcement.input,
        rates=_rates(federation, kinds[taken]),
        notice=_left_out(taken, chosen.streams),
    )


def _kind(stream: Stream) -> Input:
    return stream.announcement.input


def _of(kind: Input, streams: Sequence[Stream], there: Sequence[tuple[Range, ...]]) -> Iterator[Range]:
    for stream, ranges in zip(streams, there, strict=True):
        if _kind(stream) == kind:
            yield from ranges


def _trained(records: int, rates: Rates) -> int:
    """So many at least are not held back."""
    return math.floor(records * rates.shares[0] + _ROUNDING)


def _rates(federation: Federation, stream: Stream) -> Rates:
    return federation.rates or Rates(validation=stream.announcement.validation_rate, test=stream.announcement.test_rate)


def _left_out(taken: Input, streams: Sequence[Stream]) -> str:
    others = [str(one) for one in streams if _kind(one) != taken]
    return f"left out, for their records are written in another way: {_shown(others)}" if others else ""


def _nobody(topic: str, unfit: Sequence[str]) -> str:
    if not unfit:
        return f"waits for data: no stream is announced on topic {topic!r} of this site's Kafka"
    return f"waits for data: no announced stream fits ({_shown(unfit)})"


def _too_few(federation: Federation, records: int) -> str:
    what = "new records" if federation.data is LearntData.NEW else "records"
    return f"waits for data: {records:,} {what} of {federation.requirements.records:,}, without those held back"


def _shown(what: Sequence[str]) -> str:
    more = len(what) - _MOST_SHOWN
    return "; ".join(what[:_MOST_SHOWN]) + (f"; and {more} more" if more > 0 else "")
