"""What is wrong with an experiment, or doubtful, and what to do about it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`field` is a path as a sweep's settings have it. A warning lets the experiment run; anything else forbids it."""

    field: str
    text: str
    remedy: str
    is_warning: bool = False
