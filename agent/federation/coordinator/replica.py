"""What the log of decisions has made of the model: decision after decision, the same bytes for whoever follows it.

A coordinator follows its own log; one that takes over follows it from the last snapshot, fetching again the updates
that were accepted since. Pure: nothing but the log, the snapshot and the updates goes in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import msgspec
from numpy.typing import NDArray

from agent.federation.aggregation.strategy import Contribution, State, Strategy
from agent.federation.coordinator.decisions import Accepted, AnyDecision, Closed, Noised, Opened, Published
from agent.federation.coordinator.standing import LogError, Standing, after
from agent.federation.privacy.mechanism import noised
from agent.federation.weights import Weights
from agent.federation.wire.tensors import from_bytes, pieces

_MODEL, _NEXT, _STATE = "model/", "next/", "state/"


def digest(model: Weights) -> str:
    """Of the bytes that a model travels as."""
    whole = sha256()
    for piece in pieces(model):
        whole.update(piece)
    return whole.hexdigest()


@dataclass(slots=True, kw_only=True)
class Replica:
    """`model`: the newest that is published; `upcoming`: of a round that is over, not published yet."""

    strategy: Strategy
    model: Weights
    state: State
    standing: Standing
    upcoming: Weights | None = None

    @classmethod
    def of(cls, strategy: Strategy, model: Weights) -> "Replica":
        """Before the first decision."""
        return cls(strategy=strategy, model=model, state=strategy.start(model), standing=Standing())

    def enact(
        self, decision: AnyDecision, contribution: Contribution | None = None, *, seed: bytes | None = None
    ) -> None:
        """`contribution`: what an accepted update holds, and only then; `seed`: of noise, opened. Raises LogError."""
        standing = after(self.standing, decision)
        match decision:
            case Opened(model=model):
                self._require_same(model, self.model)
            case Accepted():
                if contribution is None:
                    raise ValueError("an accepted update comes with what it holds")
                self.state = self.strategy.fold(self.state, contribution)
            case Closed():
                self.upcoming, self.state = self.strategy.step(self.state, self.model)
            case Noised(deviation=deviation):
                if self.upcoming is None or seed is None:
                    raise ValueError("noise is added to what a round has made, and comes with its seed")
                self.upcoming = noised(self.upcoming, deviation, seed=seed)
            case Published(model=model):
                if self.upcoming is None:
                    raise LogError("a model was published that no round has made")
                self._require_same(model, self.upcoming)
                self.model, self.upcoming = self.upcoming, None
        self.standing = standing

    def snapshot(self) -> tuple[bytes, Mapping[str, NDArray[Any]]]:
        """How it stands, and all tensors; `restored` makes the same of them, and of what they travel as."""
        tensors: dict[str, NDArray[Any]] = {_MODEL + name: one for name, one in self.model.items()}
        tensors |= {_NEXT + name: one for name, one in (self.upcoming or {}).items()}
        tensors |= {_STATE + name: one for name, one in self.state.items()}
        return msgspec.json.encode(self.standing, order="deterministic"), tensors

    @classmethod
    def restored(cls, strategy: Strategy, standing: bytes, tensors: bytes) -> "Replica":
        """Raises UnlikeError, LogError."""
        found = from_bytes(tensors)
        try:
            stood = msgspec.json.decode(standing, type=Standing)
        except msgspec.MsgspecError as error:
            raise LogError(f"the snapshot is damaged: {error}") from error
        upcoming = _under(_NEXT, found)
        return cls(
            strategy=strategy,
            model=_under(_MODEL, found),
            state=_under(_STATE, found),
            standing=stood,
            upcoming=upcoming or None,
        )

    def _require_same(self, named: str, model: Weights) -> None:
        if (here := digest(model)) != named:
            raise LogError(
                f"the log names model {named[:12]} of round {self.standing.round + 1} and a replay comes to "
                f"{here[:12]}: another version of Fogline, or another kind of processor, adds differently"
            )


def _under(prefix: str, tensors: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(prefix): one for name, one in tensors.items() if name.startswith(prefix)}
