"""What the two processes of an online run say: one value an event, as JSON one line each."""

from collections.abc import Callable

from agent.training.events import Noticed, TaggedEvent
from agent.training.fitting.progress import Loaded, PhaseBegun
from agent.training.fitting.scores import Score


class WindowRead(TaggedEvent, frozen=True, kw_only=True, tag="window-read"):
    """On the disk. `waiting`: windows that are not learnt yet, this one included."""

    window: int
    records: int
    rejected: int
    waiting: int


class WindowLearnt(TaggedEvent, frozen=True, kw_only=True, tag="window"):
    """On the disk. `scores`: by exit, from before it was learnt from; `training`: mean loss by exit while it was."""

    window: int
    records: int
    records_per_s: float
    scores: dict[str, Score]
    training: dict[str, float]


class Drifted(TaggedEvent, frozen=True, kw_only=True, tag="drift"):
    """Errors of the last exit have become more frequent; seen at this record of the window, from 0."""

    window: int
    record: int


class Published(TaggedEvent, frozen=True, kw_only=True, tag="published"):
    """The `number`-th version lies in the folder."""

    number: int
    window: int


OnlineEvent = PhaseBegun | Noticed | Loaded | WindowRead | WindowLearnt | Drifted | Published
OnlineSaid = Callable[[OnlineEvent], None]
