"""How much an update counts that started from an older model: 1 when it is fresh, and never more.

Xie, Koyejo and Gupta, Asynchronous Federated Optimization, 2019 (arXiv 1903.03934), section 5.2.
"""

from typing import Annotated

from msgspec import Meta

from agent.federation.aggregation.bounds import NotNegative
from shared.documents.types import Document


class Constant(Document, frozen=True, kw_only=True, tag_field="kind", tag="constant"):
    """However old."""

    def weight(self, staleness: int) -> float:
        return 1.0


class Polynomial(Document, frozen=True, kw_only=True, tag_field="kind", tag="polynomial"):
    """(1 + staleness)^-exponent; FedBuff has 0.5."""

    exponent: NotNegative = 0.5

    def weight(self, staleness: int) -> float:
        return float((1 + staleness) ** -self.exponent)


class Hinge(Document, frozen=True, kw_only=True, tag_field="kind", tag="hinge"):
    """1 up to `tolerated`, then 1 / (1 + slope (staleness - tolerated))."""

    slope: NotNegative = 10.0
    tolerated: Annotated[int, Meta(ge=0)] = 4

    def weight(self, staleness: int) -> float:
        return 1.0 if staleness <= self.tolerated else 1 / (1 + self.slope * (staleness - self.tolerated))


Staleness = Constant | Polynomial | Hinge
