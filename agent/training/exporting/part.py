"""A trained network as exporting needs it, whatever its framework."""

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from agent.backends.protocol import Outputs
from agent.training.fitting.learner import Arrays
from shared.documents import ExportForm, TensorSpec
from shared.documents.training import TierCut


class Part(Protocol):
    """What one tier runs; it shares the weights of the network it was severed from."""

    @property
    def features(self) -> TensorSpec | None: ...

    @property
    def exit(self) -> TensorSpec | None: ...

    def run(self, batch: NDArray[Any]) -> Outputs:
        """In the framework, undivided by any file. Raises ModelError."""
        ...

    def exported(self, form: ExportForm, *, input: TensorSpec, representative: NDArray[Any]) -> bytes:
        """The artifact, the same bytes every time. `input`: a record as this tier is given it.

        `representative`: `[n, *input.shape]`, of the kind it will see. Raises ModelError, UnavailableError.
        """
        ...


class Trained(Protocol):
    @property
    def forms(self) -> tuple[ExportForm, ...]:
        """What parts of it can be made into."""
        ...

    def answers(self, inputs: NDArray[Any]) -> Arrays:
        """By exit, `[n, *exit]`. Raises ModelError."""
        ...

    def severed(self, tiers: Sequence[TierCut]) -> tuple[Part, ...]:
        """One part a tier. Raises ModelError for an exit that its tier cannot compute."""
        ...
