"""How far a server steps, by how often it has stepped: long steps to get near, short ones to come to rest."""

from math import cos, pi

from shared.documents.types import Count, Document, Fraction


class Steady(Document, frozen=True, kw_only=True, tag_field="kind", tag="steady"):
    """As far every time."""

    def factor(self, step: int) -> float:
        return 1.0


class Cosine(Document, frozen=True, kw_only=True, tag_field="kind", tag="cosine"):
    """From 1 down to `least` over `rounds` steps, half a wave long, and `least` from then on.

    Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017 (arXiv 1608.03983), equation
    5, without restarts.
    """

    rounds: Count
    least: Fraction = 0.0

    def factor(self, step: int) -> float:
        """Of the step after `step` others."""
        return self.least + (1 - self.least) * 0.5 * (1 + cos(pi * min(step, self.rounds) / self.rounds))


Schedule = Steady | Cosine
