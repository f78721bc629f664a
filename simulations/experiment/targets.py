"""What a fault hits, from its written form. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum

from shared.errors import DocumentError
from simulations.experiment.document import FaultKind

_WRITTEN = re.compile(
    r"(?:(?P<kind>agent|broker):(?P<tier>[a-z0-9-]+)-(?P<number>[1-9]\d{0,8})|link:(?P<link>[a-z0-9-]+))"
)


class TargetKind(StrEnum):
    AGENT = "agent"
    BROKER = "broker"
    LINK = "link"
    CONTROL_PLANE = "control-plane"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`name` is the tier's or the link's, `number` that of an agent or broker within its tier, from 1."""

    kind: TargetKind
    name: str = ""
    number: int = 0


OF_LINKS = frozenset({FaultKind.CUT, FaultKind.MEND, FaultKind.SLOW})
_ALONE = (TargetKind.CONTROL_PLANE, TargetKind.DEPLOYMENT)


def possible(kind: TargetKind) -> frozenset[FaultKind]:
    """What can happen to a target of this kind."""
    match kind:
        case TargetKind.LINK:
            return OF_LINKS
        case TargetKind.DEPLOYMENT:
            return frozenset({FaultKind.SWAP})
    return frozenset(FaultKind) - OF_LINKS - {FaultKind.SWAP}


def target(on: str) -> Target:
    """Raises DocumentError with the forms there are."""
    if on in _ALONE:
        return Target(kind=TargetKind(on))
    found = _WRITTEN.fullmatch(on)
    if found is None:
        forms = "agent:<tier>-<number>, broker:<tier>-<number>, link:<a>-<b>, control-plane or deployment"
        raise DocumentError(f"{on!r} is none of {forms}", field="faults")
    if found["link"]:
        return Target(kind=TargetKind.LINK, name=found["link"])
    return Target(kind=TargetKind(found["kind"]), name=found["tier"], number=int(found["number"]))
