"""What `fogline streams send` has done, for programs and for people."""

from typing import Self

import msgspec

from fogline.stream import Stream
from shared.streams import control_message
from shared.streams.inputs import Input, RawInput
from shared.streams.ranges import Range, ranges_text


class StreamSent(msgspec.Struct, frozen=True, kw_only=True):
    """The document of `fogline streams send`.

    `request` is null where nobody was told; `message` is what was sent to the control topic, or may be. The topic's
    limits are null where it has none, or the cluster does not say.
    """

    topic: str
    records: int
    unlabelled_records: int
    bytes: int
    seconds: float
    records_per_s: float
    request: int | None
    control_topic: str
    ranges: str
    unlabelled_ranges: str
    input: Input
    classes: tuple[str, ...]
    kept_s: float | None
    kept_partition_bytes: int | None
    message: msgspec.Raw

    @classmethod
    def of(cls, stream: Stream, *, topic: str, seconds: float, classes: tuple[str, ...]) -> Self:
        found, keeping = stream.announcement, stream.keeping
        return cls(
            topic=topic,
            records=_offsets(found.ranges),
            unlabelled_records=_offsets(found.unlabelled_ranges),
            bytes=stream.sent_bytes,
            seconds=seconds,
            records_per_s=stream.sent / seconds,
            request=stream.purpose.request,
            control_topic=stream.purpose.control_topic,
            ranges=ranges_text(found.ranges),
            unlabelled_ranges=ranges_text(found.unlabelled_ranges),
            input=found.input,
            classes=classes,
            kept_s=keeping.seconds if keeping else None,
            kept_partition_bytes=keeping.partition_bytes if keeping else None,
            message=msgspec.Raw(control_message.encode(found)),
        )


def readable(sent: StreamSent) -> str:
    lines = [
        f"{sent.records} records with labels and {sent.unlabelled_records} without ({sent.bytes / 1e6:.3g} MB) "
        f"to {sent.topic} in {sent.seconds:.1f} s, {sent.records_per_s:.0f} a second",
        f"with labels: {sent.ranges}" if sent.records else "",
        f"without:     {sent.unlabelled_ranges}" if sent.unlabelled_records else "",
        _input(sent.input),
        _classes(sent.classes),
        _kept(sent),
        _told(sent),
    ]
    return "\n".join(filter(None, lines))


def _input(found: Input) -> str:
    if not isinstance(found, RawInput):
        return "Avro"
    return f"data {found.data_type} {_shape(found.data_shape)}, label {found.label_type} {_shape(found.label_shape)}"


def _shape(shape: tuple[int, ...] | None) -> str:
    return " x ".join(map(str, shape or ()))


def _classes(names: tuple[str, ...]) -> str:
    """Each, however many there are: their numbers stand nowhere else."""
    return "classes: " + ", ".join(f"{number} {name}" for number, name in enumerate(names)) if names else ""


def _kept(sent: StreamSent) -> str:
    limits = [
        f"for {sent.kept_s / 86400:.3g} days" if sent.kept_s is not None else "",
        f"up to {sent.kept_partition_bytes / 1e6:.3g} MB a partition" if sent.kept_partition_bytes is not None else "",
    ]
    said = " and ".join(filter(None, limits))
    return f"the topic keeps records {said}; then they cannot be trained on" if said else ""


def _told(sent: StreamSent) -> str:
    if sent.request is None:
        return "nobody was told: --request N announces a stream to a training request"
    return f"announced to training request {sent.request} on {sent.control_topic}"


def _offsets(ranges: tuple[Range, ...]) -> int:
    return sum(one.offsets for one in ranges)
