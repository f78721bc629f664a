"""What a federation adds to the loss of a participant, so that it does not run away from the others.

    loss + proximal / 2 |w - start|^2 + <along, w>

The first term is that of FedProx (Li and others, 2020, arXiv 1812.06127, equation 2). The gradient of the second is
`along` itself, by which SCAFFOLD corrects each step (Karimireddy and others, 2020, arXiv 1910.06378, algorithm 1, line
10). Only weights that learn are pulled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.errors import ModelError

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """`start` and `along`: by the names of `Learner.weights`; what `along` leaves out is not pushed."""

    start: Arrays
    proximal: float = 0.0
    along: Arrays = field(default_factory=dict)

    def starts(self, learning: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.float32]]:
        """For each weight that learns, by its shape, when it is held near its start. Raises ModelError."""
        return _checked(self.start, learning, learning) if self.proximal else {}

    def pushes(self, learning: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[np.float32]]:
        """Raises ModelError."""
        return _checked(self.along, [name for name in learning if name in self.along], learning)


def _checked(
    given: Arrays, names: Mapping[str, tuple[int, ...]] | list[str], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, NDArray[np.float32]]:
    for name in names:
        if name not in given or given[name].shape != shapes[name]:
            raise ModelError(f"what {name!r} is pulled to is of another network: it is to be {list(shapes[name])}")
    return {name: np.asarray(given[name], np.float32) for name in names}
