"""What the judging process is asked and what it answers: one line of JSON each, in their order."""

import msgspec

from agent.training.events import Noticed, TaggedEvent

INITIAL = "initial.safetensors"
JUDGED = "judged.safetensors"


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="question"):
    pass


class Begin(Question, frozen=True, kw_only=True, tag="begin"):
    """The weights to begin with, to the file INITIAL."""


class Judge(Question, frozen=True, kw_only=True, tag="judge"):
    """What the weights in the file JUDGED are worth, on the validation part."""

    round: int


class Conclude(Question, frozen=True, kw_only=True, tag="conclude"):
    """The weights in the file JUDGED are the last: leave them as a run leaves its own."""


class Begun(TaggedEvent, frozen=True, kw_only=True, tag="begun"):
    pass


class Judged(TaggedEvent, frozen=True, kw_only=True, tag="judged"):
    """`metrics`: as `cloud/accuracy`, those that are numbers."""

    round: int
    metrics: dict[str, float]


class Concluded(TaggedEvent, frozen=True, kw_only=True, tag="concluded"):
    pass


AnyQuestion = Begin | Judge | Conclude
AnyAnswer = Begun | Judged | Concluded
Said = AnyAnswer | Noticed
