"""One half of a record, its value or its key, to a tensor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import prod
from typing import Any, Protocol, Self, cast

import numpy as np
from numpy.typing import NDArray

from shared.errors import RecordError
from shared.streams.elements import numpy_name


class Half(StrEnum):
    """What stands in a record's value, and what in its key; named in errors."""

    DATA = "value"
    LABEL = "label"

    @property
    def missing(self) -> str:
        return "the record has no key, and so no label" if self is Half.LABEL else "the record has no value"


class TensorReader(Protocol):
    """`shape` is that of one record, None until a record has shown it."""

    @property
    def half(self) -> Half: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def shape(self) -> tuple[int, ...] | None: ...

    def read(self, content: bytes | None) -> NDArray[Any]:
        """Raises RecordError when it is not of this shape, or no such tensor at all."""
        ...

    def read_many(self, contents: Sequence[bytes | None]) -> tuple[NDArray[Any], dict[int, str]]:
        """`[n, *shape]`, writable, and why some cannot be read: their rows hold zeros. The shape must be known."""
        ...

    def with_shape(self, shape: tuple[int, ...]) -> Self:
        """The same for records of this shape only."""
        ...


def known(shape: tuple[int, ...] | None) -> tuple[int, ...]:
    if shape is None:
        raise ValueError("the shape is open: take that of a first record")
    return shape


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReader:
    """Elements in C order, little endian, and nothing else. `element` is their name as announced."""

    half: Half
    element: str
    shape: tuple[int, ...] | None

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(numpy_name(self.element, self.half))

    def read(self, content: bytes | None) -> NDArray[Any]:
        refusal = self._refusal(content)
        if content is None or refusal is not None:
            raise RecordError(refusal)
        return self._tensors(bytearray(content), (-1,) if self.shape is None else self.shape)

    def read_many(self, contents: Sequence[bytes | None]) -> tuple[NDArray[Any], dict[int, str]]:
        shape = known(self.shape)
        size = prod(shape) * self.dtype.itemsize
        # A length is all that can be wrong: the rest is still one buffer.
        odd = [index for index, content in enumerate(contents) if content is None or len(content) != size]
        reasons = {index: self._refusal(contents[index]) or "" for index in odd}
        if odd:
            blank = bytes(size)
            contents = [blank if index in reasons else content for index, content in enumerate(contents)]
        return self._tensors(bytearray().join(cast("Sequence[bytes]", contents)), (len(contents), *shape)), reasons

    def with_shape(self, shape: tuple[int, ...]) -> Self:
        return replace(self, shape=shape)

    def _refusal(self, content: bytes | None) -> str | None:
        if content is None:
            return self.half.missing
        itemsize, found = self.dtype.itemsize, f"the {self.half} has {len(content)} bytes instead of"
        if self.shape is None:
            if content and not len(content) % itemsize:
                return None
            return f"{found} {itemsize} or a multiple of it: one {self.element} takes {itemsize}"
        wanted = prod(self.shape) * itemsize
        return None if len(content) == wanted else f"{found} {wanted}: {self.element} of the shape {list(self.shape)}"

    def _tensors(self, content: bytearray, shape: tuple[int, ...]) -> NDArray[Any]:
        """Writable, because PyTorch warns of tensors that are not."""
        dtype = self.dtype
        elements = np.frombuffer(content, dtype.newbyteorder("<"))
        return elements.astype(dtype, copy=False).reshape(shape)
