"""What a backend is: it loads a sub-model from a verified file, describes its tensors, infers a batch.

A fifth backend takes one file that satisfies `Backend` and one entry point in the group `fogline.backends`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from shared.documents import ArtifactFormat, SubModel, TensorSpec


class Outputs(NamedTuple):
    """Both have the batch first; None where the sub-model has no such output."""

    exit: NDArray[Any] | None
    features: NDArray[Any] | None


class LoadedSubModel(Protocol):
    """A sub-model in memory. `infer` is called from one thread at a time, not always the same one."""

    @property
    def tensors(self) -> Mapping[str, TensorSpec]:
        """The tensors found in the file, without batch dimension: `input`, and `exit` and `features` where present."""
        ...

    def infer(self, batch: NDArray[Any]) -> Outputs:
        """`batch`: shape `[n, *input.shape]`, dtype of `input`, n >= 1; it may be read-only, and is only read.

        The outputs are the caller's: new arrays that no later call touches. Raises ModelError, also for a wrong batch;
        the next batch is served all the same.
        """
        ...

    def close(self) -> None:
        """Idempotent. `infer` raises ModelError afterwards."""
        ...


class Backend(Protocol):
    """Constructed without arguments; importing its module must not import its framework."""

    name: str
    formats: frozenset[ArtifactFormat]

    def version(self) -> str:
        """The framework's version; raises UnavailableError when it is not installed."""
        ...

    def load(self, path: Path, sub_model: SubModel, *, threads: int) -> LoadedSubModel:
        """Load a file whose digest was checked. Raises ModelError when it is no model, or its tensors are not
        `sub_model`'s; UnavailableError when the framework is missing."""
        ...
