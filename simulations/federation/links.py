"""What crosses between a site and the coordinator: the bytes that really would, and the time they take."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.federation.encoding.encodings import AnyEncoding
from agent.federation.encoding.feedback import encoded
from agent.federation.encoding.floats import Float16, Float32
from agent.federation.encoding.int8 import Int8
from agent.federation.encoding.top_k import TopK
from agent.federation.weights import Weights
from agent.federation.wire.tensors import from_bytes, to_bytes
from shared.documents.federation import EncodingKind, UpdateEncoding
from simulations.federation.document import Link
from simulations.federation.virtual import Learnt, Seconds, Site


@dataclass(slots=True, kw_only=True)
class LinkedSite:
    """Its updates arrive as they travel: encoded, in safetensors, less what the encoding loses and keeps for later.

    `up`, `down`: bytes that it has sent and was sent until now, in `sent` updates. No encoding's size depends on what
    is in it, so that how long an update is under way is known before it is made.
    """

    site: Site
    encoding: AnyEncoding
    link: Link
    up_bytes: int
    down_bytes: int
    sent: int = field(default=0, init=False)
    up: int = field(default=0, init=False)
    down: int = field(default=0, init=False)
    _lost: Weights = field(default_factory=dict, init=False)

    @property
    def name(self) -> str:
        return self.site.name

    @property
    def joins_at(self) -> Seconds:
        return self.site.joins_at

    def learn(self, model: Weights, handed_down: Mapping[str, NDArray[Any]], number: int) -> Learnt:
        learnt = self.site.learn(model, handed_down, number)
        if isinstance(self.encoding, Float32):
            # It would arrive as it is, and coding it takes as long as a tenth of a small update.
            self._count(self.up_bytes)
            return learnt
        sent, self._lost = encoded(self.encoding, learnt.change, self._lost)
        raw = to_bytes({**sent, **_controls(learnt)})
        self._count(len(raw))
        arrived = {name: one for name, one in from_bytes(raw).items() if not name.startswith(_CONTROL)}
        return replace(learnt, change=self.encoding.decode(arrived, model))

    def _count(self, up_bytes: int) -> None:
        self.sent += 1
        self.up += up_bytes
        self.down += self.down_bytes

    def lasts(self, number: int) -> Seconds:
        up = self.up_bytes / self.link.up if self.link.up else 0.0
        down = self.down_bytes / self.link.down if self.link.down else 0.0
        return down + self.site.lasts(number) + up

    def leaves_after(self, number: int) -> bool:
        return self.site.leaves_after(number)


_CONTROL = "control-change:"


def size_up(encoding: AnyEncoding, model: Weights, *, controls: bool) -> int:
    """Bytes of an update of this model."""
    nothing = {name: np.zeros_like(one) for name, one in model.items()}
    more = {_CONTROL + name: one for name, one in nothing.items()} if controls else {}
    return len(to_bytes({**encoding.encode(nothing), **more}))


def encoding_of(given: UpdateEncoding) -> AnyEncoding:
    match given.kind:
        case EncodingKind.FLOAT32:
            return Float32()
        case EncodingKind.FLOAT16:
            return Float16()
        case EncodingKind.INT8:
            return Int8()
        case EncodingKind.TOP_K:
            return TopK(share=given.share)


def _controls(learnt: Learnt) -> Weights:
    return {_CONTROL + name: one for name, one in learnt.control.items()}
