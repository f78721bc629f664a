"""Records drawn for tests: small ones of any kind, and a large population whose every harm is known by counting."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from agent.training.exiting.outcomes import Outcomes


@st.composite
def outcomes(draw: st.DrawFn, most_records: int = 30) -> Outcomes:
    """Few distinct confidences, so that ties are common, and both ends of the range."""
    early, records = draw(st.integers(1, 3)), draw(st.integers(1, most_records))
    sure = draw(hnp.arrays(np.float32, (early, records), elements=st.sampled_from([0, 0.25, 0.3, 0.5, 0.9, 0.99, 1])))
    return Outcomes(sure=sure, right=draw(hnp.arrays(np.bool_, (early + 1, records))))


def population(records: int, seed: int) -> Outcomes:
    """Three exits, right of 77, 84 and 92 % of the records; the early ones are as often right as they are sure."""
    random = np.random.default_rng(seed)
    hard = random.normal(size=records)
    logits = np.array([[1.6], [2.2]]) - 1.5 * hard + 0.7 * random.normal(size=(2, records))
    chances = np.vstack([logits, 3 - 1.4 * hard])
    chances = 0.1 + 0.9 / (1 + np.exp(-chances))
    right: NDArray[np.bool_] = random.random((3, records)) < chances
    return Outcomes(sure=chances[:2].astype(np.float32), right=right)
