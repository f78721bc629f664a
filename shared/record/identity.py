"""What a record is called, and when it was made, when its producer did not say."""

from hashlib import blake2b

from shared.record.headers import ID_BYTES

LATEST_US = 2**63 - 1


def derive_id(cluster_id: str, topic: str, partition: int, offset: int, timestamp_ms: int) -> bytes:
    """16 bytes, the same each time this record is delivered and for no other record.

    The timestamp is part of it because a topic that was deleted and made anew repeats its offsets.
    """
    # No part can hold a zero byte, so two different places never read alike.
    place = f"{cluster_id}\0{topic}\0{partition}\0{offset}\0{timestamp_ms}"
    return blake2b(place.encode(), digest_size=ID_BYTES).digest()


def derive_time_us(timestamp_ms: int) -> int:
    """Microseconds since the epoch; 0 for a record without a timestamp (Kafka writes -1).

    At most what the header can hold: a producer that takes nanoseconds for milliseconds exceeds it.
    """
    return min(max(timestamp_ms, 0) * 1000, LATEST_US)
