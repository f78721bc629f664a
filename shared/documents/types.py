"""The words documents are made of."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

API_VERSION = "fogline/v1"
ApiVersion = Literal["fogline/v1"]

# `(?!\n)`: Python's `$` also matches before a final newline, JSON Schema's does not.
Name = Annotated[
    str,
    Meta(
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$(?!\n)",
        description="Lower-case letters, digits and inner hyphens, at most 63.",
    ),
]
NameOrNone = Annotated[
    str, Meta(pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$(?!\n)", description="A name, or empty.")
]
TopicName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9._-]{1,249}$(?!\n)", description="A Kafka topic's name.")]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="SHA-256 digest, lower-case hexadecimal.")]
Label = Annotated[str, Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$(?!\n)")]
Labels = dict[Label, Label]
Count = Annotated[int, Meta(ge=1, le=2**31 - 1)]
Bytes = Annotated[int, Meta(ge=0, le=2**53)]
Seconds = Annotated[float, Meta(gt=0, le=31_536_000)]
Fraction = Annotated[float, Meta(ge=0, le=1)]


class Document(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Written by people: a field nobody knows is a typing error and is refused."""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """Written by programs: a field of a later version is passed over."""


class DType(StrEnum):
    """Element types of tensors, named as in numpy."""

    FLOAT16 = "float16"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    INT8 = "int8"
    INT16 = "int16"
    INT32 = "int32"
    INT64 = "int64"
    UINT8 = "uint8"
    BOOL = "bool"

    @property
    def size_bytes(self) -> int:
        return {"bool": 1}.get(self.value) or int("".join(filter(str.isdigit, self.value))) // 8


class TensorSpec(Document, frozen=True, kw_only=True):
    """One tensor of one record: no batch dimension. A scalar has the shape `[]`."""

    dtype: DType
    shape: Annotated[tuple[Count, ...], Meta(max_length=8)]

    @property
    def elements(self) -> int:
        product = 1
        for length in self.shape:
            product *= length
        return product

    @property
    def size_bytes(self) -> int:
        return self.elements * self.dtype.size_bytes
