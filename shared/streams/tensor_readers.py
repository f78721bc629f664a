"""One half of a record, its value or its key, to a tensor."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from shared.errors import RecordError
from shared.streams.elements import numpy_name


class TensorReader(Protocol):
    """`shape` of one record, None until a record has shown it; `what` names the half in errors."""

    @property
    def what(self) -> str: ...
    @property
    def dtype(self) -> np.dtype[Any]: ...
    @property
    def shape(self) -> tuple[int, ...] | None: ...

    def read(self, content: bytes) -> NDArray[Any]:
        """Raises RecordError when it is not of this shape, or no such tensor at all."""
        ...

    def read_alike(self, contents: Sequence[bytes]) -> NDArray[Any] | None:
        """`[n, *shape]`, writable; None when the shape is open or `read` would refuse one."""
        ...

    def with_shape(self, shape: tuple[int, ...]) -> Self:
        """The same for records of this shape only."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReader:
    """Elements in C order, little endian, and nothing else. `element` is their name as announced."""

    what: str
    element: str
    shape: tuple[int, ...] | None

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(numpy_name(self.element, self.what))

    def read(self, content: bytes) -> NDArray[Any]:
        itemsize = self.dtype.itemsize
        if self.shape is None:
            if not content or len(content) % itemsize:
                wanted = f"{itemsize} or a multiple of it: one {self.element} takes {itemsize}"
                raise RecordError(f"the {self.what} has {len(content)} bytes instead of {wanted}")
            return self._tensors(bytearray(content), (-1,))
        wanted_bytes = prod(self.shape) * itemsize
        if len(content) != wanted_bytes:
            extent = f"{self.element} of the shape {list(self.shape)}"
            raise RecordError(f"the {self.what} has {len(content)} bytes instead of {wanted_bytes}: {extent}")
        return self._tensors(bytearray(content), self.shape)

    def read_alike(self, contents: Sequence[bytes]) -> NDArray[Any] | None:
        if self.shape is None or set(map(len, contents)) - {prod(self.shape) * self.dtype.itemsize}:
            return None
        return self._tensors(bytearray().join(contents), (len(contents), *self.shape))

    def with_shape(self, shape: tuple[int, ...]) -> Self:
        return replace(self, shape=shape)

    def _tensors(self, content: bytearray, shape: tuple[int, ...]) -> NDArray[Any]:
        """Writable, because PyTorch warns of tensors that are not."""
        dtype = self.dtype
        elements = np.frombuffer(content, dtype.newbyteorder("<"))
        return elements.astype(dtype, copy=False).reshape(shape)
