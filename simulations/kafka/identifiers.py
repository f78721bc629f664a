"""Identifiers as Kafka writes them."""

import base64
import uuid


def new_id() -> str:
    """A UUID, its first bit zero: one that began with a dash would be taken for an option."""
    first, *others = uuid.uuid4().bytes
    return base64.urlsafe_b64encode(bytes([first & 0x7F, *others])).decode().rstrip("=")
