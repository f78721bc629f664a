"""The bytes one record takes on the wire, headers counted."""

from collections.abc import Sized

from shared.record.headers import Headers


def record_size(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """Bytes of one record inside a Kafka record batch, format v2, before compression.

    Layout: https://kafka.apache.org/documentation/#record. The deltas of timestamp and offset depend on the record's
    place in its batch: counted as one byte each, right for the first 64 records within 64 ms, and two bytes short at
    most for the first 8,192 within 8 s. A batch adds 61 bytes of its own, and a request its envelope.
    """
    body = 3 + _prefixed(key) + _prefixed(value) + _varint_bytes(len(headers))
    for name, content in headers:
        body += _prefixed(name if name.isascii() else name.encode(errors="surrogateescape")) + _prefixed(content)
    return _varint_bytes(body) + body


def _prefixed(content: Sized | None) -> int:
    """A length and that many bytes; a length of -1 for None."""
    if content is None:
        return 1
    length = len(content)
    return _varint_bytes(length) + length


def _varint_bytes(number: int) -> int:
    """Seven bits a byte, of twice the number: zigzag keeps the lowest bit for the sign."""
    return 1 if number < 64 else ((number << 1).bit_length() + 6) // 7
