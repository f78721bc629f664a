"""What an accepted update counts: the same of the same bytes, whenever the log is followed. Pure."""

from dataclasses import dataclass

from agent.federation.aggregation.strategy import Contribution, Strategy
from agent.federation.coordinator.decisions import Accepted
from agent.federation.encoding.encoding import Encoding
from agent.federation.encoding.encodings import encoding
from agent.federation.encoding.update import unpacked
from agent.federation.privacy.mechanism import clipped, longest
from agent.federation.weights import Weights
from shared.documents.federation import Federation, NoiseAt, Privacy


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Of updates as this federation encodes them."""

    encoding: Encoding
    controls: bool
    privacy: Privacy | None

    @classmethod
    def of(cls, federation: Federation, strategy: Strategy) -> "Reader":
        return cls(encoding=encoding(federation.encoding), controls=strategy.local.controls, privacy=federation.privacy)

    def read(self, raw: bytes, model: Weights) -> tuple[Weights, Weights]:
        """The change, clipped where privacy asks for it, and control variates. Raises UnlikeError."""
        change, control = unpacked(raw, self.encoding, model, controls=self.controls)
        # Again here: a site that did not is no reason for the others' promise to be broken.
        return (change if self.privacy is None else clipped(change, self._longest(self.privacy, model))), control

    def contribution(self, accepted: Accepted, content: tuple[Weights, Weights], *, round: int) -> Contribution:
        """`round`: the one under way. Weights say nothing of a site's data while privacy is on."""
        change, control = content
        return Contribution(
            participant=accepted.participant,
            change=change,
            weight=float(accepted.records) if self.privacy is None else 1.0,
            staleness=round - accepted.base,
            steps=accepted.steps,
            control=control,
        )

    def _longest(self, privacy: Privacy, model: Weights) -> float:
        """Noise that a site has added makes a change longer, and is not to be taken from it again."""
        if privacy.at is not NoiseAt.SITE:
            return privacy.norm
        return longest(privacy.norm, privacy.noise * privacy.norm, sum(one.size for one in model.values()))

    def most_bytes(self, model: Weights) -> int:
        """That an update of this model can have, names and all; no encoding doubles a tensor."""
        return (4 if self.controls else 2) * sum(one.nbytes for one in model.values()) + 1024 * len(model) + 2**16
