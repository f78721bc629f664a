"""How the records of a stream are written: what a decoder is made from."""

from math import prod
from typing import Annotated

from msgspec import Meta

from shared.documents.types import Count, Message
from shared.streams.elements import size_bytes
from shared.streams.field_error import FieldError

# Kafka's own length of a value is a signed 32-bit number.
_MOST_BYTES = 2**31 - 1
_MOST_DIMENSIONS = 8

Shape = Annotated[tuple[Count, ...], Meta(max_length=_MOST_DIMENSIONS)]


class RawInput(Message, frozen=True, kw_only=True, tag_field="format", tag="RAW"):
    """Value and key are the elements of one tensor each: C order, little endian.

    The types are named as announced; see `elements`. A shape is that of one record; None leaves it open: a vector of
    as many elements as there are.
    """

    data_type: str
    label_type: str
    data_shape: Shape | None = None
    label_shape: Shape | None = None

    def __post_init__(self) -> None:
        for what, name, shape in (
            ("data", self.data_type, self.data_shape),
            ("label", self.label_type, self.label_shape),
        ):
            size = size_bytes(name, f"{what}_type") * prod(shape or ())
            if len(shape or ()) > _MOST_DIMENSIONS:
                raise FieldError(f"has more than {_MOST_DIMENSIONS} dimensions", field=f"{what}_shape")
            if size > _MOST_BYTES:
                raise FieldError(f"one record would have {size} bytes, more than Kafka takes", field=f"{what}_shape")


class AvroInput(Message, frozen=True, kw_only=True, tag_field="format", tag="AVRO"):
    """Value and key are bare Avro data of these schemas, which are JSON texts; a decoder checks them."""

    data_schema: str
    label_schema: str


Input = RawInput | AvroInput
