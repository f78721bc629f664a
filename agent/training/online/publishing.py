"""Whether what is being trained should be published in place of what was. Pure."""

from collections.abc import Sequence
from math import isfinite

from shared.documents.types import Message


class Judged(Message, frozen=True, kw_only=True):
    """The weighted loss of all exits on one window that neither has learnt from, not negative.

    `trained`: of the network as it stood before that window, `published`: of the version that is out.
    """

    trained: float
    published: float


def is_better(judged: Sequence[Judged], *, windows: int, margin: float) -> bool:
    """By the mean over the last `windows` of them, which must be there, and lower by the share `margin`.

    What is not finite is not better than anything.
    """
    last = judged[-windows:]
    if len(last) < windows:
        return False
    trained = sum(one.trained for one in last) / windows
    published = sum(one.published for one in last) / windows
    return isfinite(trained) and (trained < published * (1 - margin) or not isfinite(published))
