"""Giving up on a record: its own bytes and headers, and why. Pure."""

from agent.inference.batch import Consumed, Departure
from shared.record.headers import ID, sendable

ERROR = "fogline-error"
ORIGIN_TOPIC = "fogline-origin-topic"
ORIGIN_PARTITION = "fogline-origin-partition"
ORIGIN_OFFSET = "fogline-origin-offset"

_OWN = frozenset((ERROR, ORIGIN_TOPIC, ORIGIN_PARTITION, ORIGIN_OFFSET))
_LONGEST_REASON = 1024


def dead_letter(record: Consumed, *, id: bytes, reason: str) -> Departure:
    """Key, value and headers as they came, less headers of an earlier stay on a dead-letter topic.

    Of a header's name what is no UTF-8 is escaped: nobody could read this topic otherwise.
    `id` is added where the record named none, so that a dead letter delivered twice can be told.
    """
    headers = [(sendable(name), value) for name, value in record.headers if name not in _OWN]
    if all(name != ID for name, _ in headers):
        headers.append((ID, id))
    headers += [
        (ERROR, _short(reason)),
        (ORIGIN_TOPIC, record.topic.encode()),
        (ORIGIN_PARTITION, str(record.partition).encode()),
        (ORIGIN_OFFSET, str(record.offset).encode()),
    ]
    return Departure(record.key, record.value, headers)


def undeliverable(departure: Departure, *, reason: str) -> Departure:
    """What stands on the dead-letter topic for a result, or a dead letter, that the cluster refuses for its size: all
    but the bytes. The reason that a dead letter had stands first."""
    headers = [header for header in departure.headers if header[0] != ERROR]
    before = [value.decode(errors="backslashreplace") for name, value in departure.headers if name == ERROR and value]
    whole = "; ".join([*before, f"its bytes are left out, for they are too many: {reason}"])
    return Departure(departure.key, b"", [*headers, (ERROR, _short(whole))])


def _short(reason: str) -> bytes:
    return reason[:_LONGEST_REASON].encode()
