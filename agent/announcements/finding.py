"""Records of a control topic as a watcher tells of them. Pure."""

from collections.abc import Iterable, Iterator

import msgspec

from shared.documents import decode, encode
from shared.documents.stream import AnnouncementFound
from shared.errors import DocumentError
from shared.streams import control_message

# The control plane takes documents of 4 MiB; a Kafka record has at most 1 MiB unless its topic says otherwise.
MOST_BYTES = 2 * 2**20


def found(partition: int, offset: int, timestamp_ms: int, key: bytes | None, value: bytes | None) -> AnnouncementFound:
    """Whatever the record is: what is no announcement is `refused`, with the reason."""
    record = AnnouncementFound(partition=partition, offset=offset, timestamp_ms=timestamp_ms)
    try:
        number, announcement = control_message.parse(key, value)
        return _tellable(msgspec.structs.replace(record, number=number, announcement=announcement))
    except DocumentError as error:
        return msgspec.structs.replace(record, number=_number(key), refused=_line(str(error)))


def together(found: Iterable[AnnouncementFound], *, most_bytes: int = MOST_BYTES) -> Iterator[list[AnnouncementFound]]:
    """In their order, as many at once as one report may hold; at least one."""
    lot: list[AnnouncementFound] = []
    size = 0
    for one in found:
        one_size = len(encode(one))
        if lot and size + one_size > most_bytes:
            yield lot
            lot, size = [], 0
        lot.append(one)
        size += one_size
    if lot:
        yield lot


def _tellable(one: AnnouncementFound) -> AnnouncementFound:
    """Raises DocumentError for one that would not arrive as it is: a report that is refused would be sent for ever."""
    try:
        content = encode(one)
    except (ValueError, OverflowError, RecursionError) as error:
        raise DocumentError(f"cannot be written as JSON again: {error}", field="dataset_restrictions") from error
    if len(content) > MOST_BYTES:
        raise DocumentError(f"is longer than {MOST_BYTES} bytes: shorten its description and restrictions")
    if decode(content, AnnouncementFound) != one:
        raise DocumentError("is another announcement once it is written as JSON again")
    return one


def _number(key: bytes | None) -> int | None:
    """Whom to tell of a message that is none, where that can be known."""
    try:
        return control_message.request_number(key)
    except DocumentError:
        return None


def _line(reason: str) -> str:
    """Of any text one line that is UTF-8."""
    return " ".join(reason.encode(errors="replace").decode().split())[:2000]
