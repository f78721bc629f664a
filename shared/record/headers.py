"""The headers of one record: read once on arrival, written once on departure."""

from collections.abc import Sequence

import msgspec

from shared.errors import RecordError
from shared.record import trail as trails

ID = "fogline-id"
TIME = "fogline-time"
TENSOR = "fogline-tensor"
MODEL = "fogline-model"
TRAIL = "fogline-trail"
TRACEPARENT = "traceparent"

ID_BYTES = 16
TIME_BYTES = 8
OWN = frozenset((ID, TIME, TENSOR, MODEL, TRAIL))

# Kafka allows a header without a value.
Header = tuple[str, bytes | None]
Headers = Sequence[Header]


class Passport(msgspec.Struct, frozen=True, gc=False):
    """What a record says of itself. None means the header is missing; of a header sent twice the last one counts.

    `model` is `<model>/<version>`; `tensor` and `trail` stay encoded. `others` are the sender's own headers,
    `traceparent` among them, in their order and with their repetitions.
    """

    id: bytes | None = None
    time_us: int | None = None
    tensor: bytes | None = None
    model: str | None = None
    trail: bytes | None = None
    others: tuple[Header, ...] = ()


_BLANK = Passport()


def read(headers: Headers) -> Passport:
    """Raises RecordError when one of Fogline's own headers does not hold what it should.

    `fogline-tensor` is read with the tensor, by `decode_batch`.
    """
    if not headers:
        return _BLANK
    own = dict(headers)
    time = own.get(TIME)
    model = own.get(MODEL)
    trail = own.get(TRAIL)
    others = tuple([header for header in headers if header[0] not in OWN])
    if others:
        _check_names(others)
    if trail is not None:
        # Now, so that nothing can go wrong with it later, among the other records of a batch.
        trails.check(trail)
    return Passport(
        _checked_id(own.get(ID)),
        None if time is None else _time_us(time),
        own.get(TENSOR),
        None if model is None else _text(model),
        trail,
        others,
    )


def for_forward(others: Headers, *, id: bytes, time_us: int, tensor: bytes, model: str, trail: bytes) -> list[Header]:
    """The headers of features on their way to the upper tier."""
    return [
        *others,
        (ID, id),
        (TIME, time_us.to_bytes(TIME_BYTES, "big", signed=True)),
        (TENSOR, tensor),
        (MODEL, model.encode()),
        (TRAIL, trail),
    ]


def for_answer(others: Headers, *, id: bytes, time_us: int) -> list[Header]:
    """The headers of a prediction: what described the tensor stands in its JSON instead."""
    return [*others, (ID, id), (TIME, time_us.to_bytes(TIME_BYTES, "big", signed=True))]


def _checked_id(value: bytes | None) -> bytes | None:
    if value is not None and len(value) != ID_BYTES:
        raise RecordError(f"header {ID} has {len(value)} bytes instead of {ID_BYTES}")
    return value


def _time_us(value: bytes) -> int:
    if len(value) != TIME_BYTES:
        raise RecordError(f"header {TIME} has {len(value)} bytes instead of {TIME_BYTES}")
    return int.from_bytes(value, "big", signed=True)


def sendable(name: str) -> str:
    """A header's name, with bytes that are no UTF-8 escaped; our consumers give these as surrogates (PEP 383)."""
    return name if name.isascii() else name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _check_names(others: Headers) -> None:
    """Nothing but UTF-8 can be sent on."""
    for name, _ in others:
        if sendable(name) != name:
            raise RecordError(f"the name of header {sendable(name)} is not UTF-8")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise RecordError(f"header {MODEL} is not UTF-8") from error
