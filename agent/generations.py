"""Whether an offered assignment may replace the one this node holds. Pure."""

from enum import Enum, auto


class Verdict(Enum):
    ACCEPT = auto()
    IGNORE = auto()
    REFUSE = auto()


def judge(offered: int, *, held: int, highest: int) -> Verdict:
    """`held` is the generation this node works by, `highest` the highest it has ever seen; 0 is none.

    A control plane restored from an older copy offers what the node has left behind: refused, until it comes back above
    `highest` because an operator said so. `highest` itself is accepted again when the file that held it was damaged.
    """
    if offered < highest:
        return Verdict.REFUSE
    return Verdict.IGNORE if offered == held else Verdict.ACCEPT
