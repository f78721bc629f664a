"""An announcement as a record of the control topic, in the bytes that Kafka-ML's clients write and read.

The key is the number of the training request that the stream is for.
"""

from typing import Any, TypeVar

import msgspec

from shared.documents.codec import decode, document_error
from shared.documents.training import MOST_REQUEST_NUMBER
from shared.documents.types import TopicName
from shared.errors import DocumentError
from shared.streams.announcement import Announcement
from shared.streams.field_error import FieldError, shown
from shared.streams.inputs import AvroInput, Input, RawInput
from shared.streams.ranges import Range, parse_ranges, ranges_text

_MOST_KEY_BYTES = 20

T = TypeVar("T")
_encoder = msgspec.json.Encoder()


class _Wire(msgspec.Struct, kw_only=True):
    """In the order the members are written in. Defaults are for older clients, which left these members out."""

    topic: str | None
    unsupervised_topic: str | None = None
    input_format: str
    description: str | None = ""
    dataset_restrictions: dict[str, Any] | str | None = None
    input_config: dict[str, Any]
    validation_rate: float = 0.0
    test_rate: float = 0.0
    total_msg: int | None = None
    incremental: bool | None = None


class _RawConfig(msgspec.Struct, kw_only=True):
    data_type: str
    label_type: str
    data_reshape: str | None = None
    label_reshape: str | None = None


class _AvroConfig(msgspec.Struct, kw_only=True):
    data_scheme: str
    label_scheme: str


# What a part of an announcement is called in the message.
_MEMBERS = {
    "ranges": "topic",
    "open_topic": "topic",
    "unlabelled_ranges": "unsupervised_topic",
    "unlabelled_open_topic": "unsupervised_topic",
    "data_type": "input_config.data_type",
    "label_type": "input_config.label_type",
    "data_shape": "input_config.data_reshape",
    "label_shape": "input_config.label_reshape",
}


def parse(key: bytes | None, value: bytes | None) -> tuple[int, Announcement]:
    """The number of the training request, and what is announced to it.

    Raises DocumentError, whose `field` is `key` or the member of the message at fault.
    """
    number = request_number(key)
    wire = decode(value or b"", _Wire)
    try:
        announcement = _announcement(wire)
    except FieldError as error:
        raise DocumentError(error.reason, field=_MEMBERS.get(error.field, error.field)) from error
    _check_redundant(wire, announcement)
    return number, announcement


def request_number(key: bytes | None) -> int:
    """From ASCII digits, or else from an integer's bytes, big endian. Raises DocumentError."""
    if not key:
        raise DocumentError("is missing: send the number of the training request", field="key")
    if len(key) <= _MOST_KEY_BYTES:
        number = int(key) if key.isdigit() else int.from_bytes(key, "big")
        if 1 <= number <= MOST_REQUEST_NUMBER:
            return number
    raise DocumentError(
        f"{shown(key.decode(errors='backslashreplace'))} is no number from 1 to {MOST_REQUEST_NUMBER}, "
        "neither in digits nor as bytes: send the number of the training request",
        field="key",
    )


def request_key(number: int) -> bytes:
    """What `request_number` reads whatever the number is."""
    return str(number).encode()


def encode(announcement: Announcement) -> bytes:
    """`parse` gives the same announcement back."""
    input_format, config = _config_of(announcement.input)
    return _encoder.encode(
        _Wire(
            topic=announcement.open_topic or ranges_text(announcement.ranges),
            unsupervised_topic=announcement.unlabelled_open_topic
            or ranges_text(announcement.unlabelled_ranges)
            or None,
            input_format=input_format,
            description=announcement.description,
            dataset_restrictions=announcement.restrictions,
            input_config=config,
            validation_rate=announcement.validation_rate,
            test_rate=announcement.test_rate,
            total_msg=announcement.total,
            incremental=announcement.is_online,
        )
    )


def _announcement(wire: _Wire) -> Announcement:
    ranges, open_topic = _source(wire.topic, "topic")
    unlabelled_ranges, unlabelled_open_topic = _source(wire.unsupervised_topic, "unsupervised_topic")
    return Announcement(
        ranges=ranges,
        open_topic=open_topic,
        unlabelled_ranges=unlabelled_ranges,
        unlabelled_open_topic=unlabelled_open_topic,
        input=_input(wire),
        validation_rate=wire.validation_rate,
        test_rate=wire.test_rate,
        description=wire.description or "",
        restrictions=_restrictions(wire.dataset_restrictions),
    )


def _source(text: str | None, member: str) -> tuple[tuple[Range, ...], str | None]:
    """Ranges, or the bare name of an open topic; nothing for a topic that had no partitions yet."""
    if not text:
        return (), None
    try:
        if ":" in text:
            return parse_ranges(text), None
        return (), _topic_name(text)
    except ValueError as error:
        raise FieldError(str(error), field=member) from error


def _topic_name(text: str) -> str:
    try:
        return msgspec.convert(text, TopicName)
    except msgspec.ValidationError as error:
        raise ValueError(f"{shown(text)} is neither ranges nor the name of a topic") from error


def _restrictions(found: dict[str, Any] | str | None) -> dict[str, Any]:
    """Federated sinks write the object as a text of JSON."""
    if not isinstance(found, str):
        return found or {}
    try:
        return decode(found, dict[str, Any])
    except DocumentError as error:
        raise FieldError(f"{shown(found)} is no JSON object", field="dataset_restrictions") from error


def _input(wire: _Wire) -> Input:
    match wire.input_format:
        case "RAW":
            raw = _converted(wire.input_config, _RawConfig)
            return RawInput(
                data_type=raw.data_type,
                label_type=raw.label_type,
                data_shape=_shape(raw.data_reshape, "data_shape"),
                label_shape=_shape(raw.label_reshape, "label_shape"),
            )
        case "AVRO":
            avro = _converted(wire.input_config, _AvroConfig)
            return AvroInput(data_schema=avro.data_scheme, label_schema=avro.label_scheme)
    raise FieldError(f"{shown(wire.input_format)} is unknown: send RAW or AVRO", field="input_format")


def _converted(config: dict[str, Any], kind: type[T]) -> T:
    try:
        return msgspec.convert(config, kind)
    except msgspec.ValidationError as error:
        found = document_error(str(error))
        raise FieldError(found.reason, field=f"input_config.{found.field}".rstrip(".")) from error


def _shape(text: str | None, field: str) -> tuple[int, ...] | None:
    """From lengths with blanks between. No length at all is the shape of a scalar, as numpy prints it."""
    if text is None:
        return None
    lengths = text.split()
    if not all(one.isascii() and one.isdigit() and len(one) <= 10 and int(one) for one in lengths):
        raise FieldError(
            f"{shown(text)} is no shape: write its lengths with blanks between, as in '32 32 3'", field=field
        )
    return tuple(map(int, lengths))


def _config_of(found: Input) -> tuple[str, dict[str, Any]]:
    if isinstance(found, AvroInput):
        return "AVRO", {"data_scheme": found.data_schema, "label_scheme": found.label_schema}
    return "RAW", {
        "data_type": found.data_type,
        "label_type": found.label_type,
        "data_reshape": _shape_text(found.data_shape),
        "label_reshape": _shape_text(found.label_shape),
    }


def _shape_text(shape: tuple[int, ...] | None) -> str | None:
    return None if shape is None else " ".join(map(str, shape))


def _check_redundant(wire: _Wire, announcement: Announcement) -> None:
    """What the message says twice must agree: else one of the two is a mistake, and nobody knows which."""
    total = announcement.total
    if wire.total_msg is not None and wire.total_msg != total:
        has = "an open topic has no total: send null" if total is None else f"the ranges hold {total}: correct one"
        raise DocumentError(f"is {wire.total_msg}, but {has}", field="total_msg")
    if wire.incremental is not None and wire.incremental != announcement.is_online:
        has = (
            "a bare topic name has no end: name ranges, or send true"
            if announcement.is_online
            else "all ranges have an end: send false, or a bare topic name"
        )
        raise DocumentError(f"is {str(wire.incremental).lower()}, but {has}", field="incremental")
