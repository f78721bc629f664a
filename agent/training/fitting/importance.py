"""What each exit's loss and each class's records count."""

import numpy as np
from numpy.typing import NDArray

from shared.documents import TrainingParameters
from shared.errors import DocumentError

_FIRST, _LAST = 1.0, 0.3


def exit_importance(parameters: TrainingParameters, exits: int) -> NDArray[np.float32]:
    """Shape `[exits]`. Unless given, from 1.0 for the first down to 0.3 for the last, evenly.

    So the first exit answers most records well, and its gradient regularises what lies above: of two exits this was
    found to beat equal weights by a point. Teerapittayanon, McDanel and Kung, "BranchyNet: Fast Inference via Early
    Exiting from Deep Neural Networks", ICPR 2016. Raises DocumentError for another number of exits.
    """
    given = parameters.exit_weights
    if given is None:
        return np.linspace(_FIRST, _LAST, exits, dtype=np.float32)
    if len(given) != exits:
        raise DocumentError(f"{len(given)} weights where the network has {exits} exits", field="exit_weights")
    if not any(given):
        raise DocumentError("at least one must be above 0: nothing would be learnt", field="exit_weights")
    return np.array(given, np.float32)


def class_importance(counts: NDArray[np.int64]) -> NDArray[np.float32]:
    """What a record of each class counts, shape `[classes]`, from how many there are: 1 on the average of all records.

    Every class that is there counts the same in all, so a record counts its inverse share; a class without records 0.
    """
    present = counts > 0
    fair = counts.sum() / max(int(present.sum()), 1)
    importance: NDArray[np.float64] = np.divide(fair, counts, out=np.zeros(len(counts)), where=present)
    return importance.astype(np.float32)
