"""Where an online run stands between two windows: all but the arrays. Pure."""

import msgspec

from agent.training.fitting.scores import Score
from agent.training.fitting.standing import EpochScores
from agent.training.online.page_hinkley import PageHinkley
from agent.training.online.publishing import Judged
from agent.training.online.windows import FIRST
from shared.documents.types import Message

# The curve of a run without an end would be without an end.
MOST_WINDOWS = 500


class OnlineStanding(Message, frozen=True, kw_only=True):
    """`window`: the next to be learnt. `judged`: windows since the last version was published, as many as are asked.

    `windows`: the curve, `validation` being what the window gave before it was learnt from.
    """

    window: int = FIRST
    published: int = 0
    judged: tuple[Judged, ...] = ()
    drift: PageHinkley = PageHinkley()
    windows: tuple[EpochScores, ...] = ()

    def after_judging(self, judged: Judged, drift: PageHinkley, *, keep: int) -> "OnlineStanding":
        return msgspec.structs.replace(self, judged=(*self.judged, judged)[-keep:], drift=drift)

    def after_publishing(self) -> "OnlineStanding":
        """On what the published version has learnt from it cannot be compared any more."""
        return msgspec.structs.replace(self, published=self.published + 1, judged=())

    def after_learning(self, training: dict[str, float], scores: dict[str, Score]) -> "OnlineStanding":
        learnt = EpochScores(epoch=self.window, training=training, validation=scores)
        return msgspec.structs.replace(self, window=self.window + 1, windows=(*self.windows, learnt)[-MOST_WINDOWS:])
