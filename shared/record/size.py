"""The bytes one record takes on the wire, headers counted."""

from shared.record.headers import Headers


def record_size(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    """Bytes of one record inside a Kafka record batch, format v2, before compression.

    Layout: https://kafka.apache.org/documentation/#record. The deltas of timestamp and offset depend on the record's
    place in its batch: counted as one byte each, right for the first 64 records within 64 ms, and two bytes short at
    most for the first 8,192 within 8 s. A batch adds 61 bytes of its own, and a request its envelope.
    """
    body = 3 + _nullable(key) + _nullable(value) + _varint_size(len(headers))
    for name, content in headers:
        body += _nullable(name.encode()) + _nullable(content)
    return _varint_size(body) + body


def _nullable(content: bytes | None) -> int:
    return 1 if content is None else _varint_size(len(content)) + len(content)


def _varint_size(number: int) -> int:
    """Zigzag: a number that is not negative is doubled first, seven bits a byte."""
    return max(1, ((number << 1).bit_length() + 6) // 7)
