"""What an answer looks like: one JSON object on the answers topic."""

from collections.abc import Sequence
from typing import Any

import msgspec
from numpy.typing import NDArray

from shared.errors import RecordError
from shared.record.trail import TrailEntry, parse


class Prediction(msgspec.Struct, frozen=True, kw_only=True, rename={"class_": "class"}):
    """`values` are the exit's numbers, which is all that Kafka-ML's clients read.

    `class` and `label` are null where the network predicts no class, `label` also where the model has no labels;
    `confidence` is null where nothing could be measured. `latency_ms` compares the clocks of two boxes. JSON knows no
    NaN and no infinity: such a number is null.
    """

    id: str
    deployment: str
    values: list[Any]
    class_: int | None
    label: str | None
    confidence: float | None
    tier: str
    node: str
    model: str
    version: int
    degraded: bool
    latency_ms: float
    trail: tuple[TrailEntry, ...]


class Answerer(msgspec.Struct, frozen=True, kw_only=True):
    """What all answers of one sub-model on one node have in common."""

    deployment: str
    tier: str
    node: str
    model: str
    version: int
    labels: tuple[str, ...] = ()


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Prediction)


def encode_predictions(
    answerer: Answerer,
    *,
    ids: Sequence[bytes],
    outputs: NDArray[Any],
    classes: Sequence[int | None],
    confidences: Sequence[float | None],
    latencies_ms: Sequence[float],
    trails: Sequence[bytes | None],
    degraded: bool = False,
) -> list[bytes]:
    """One JSON text a record. `outputs` has the shape `[n, *exit]`, all others n entries.

    `trails` include the entry of this tier. Raises RecordError when one of them is damaged.
    """
    count = len(ids)
    values = outputs.reshape(count, -1).tolist() if outputs.ndim < 2 else outputs.tolist()
    labels = answerer.labels
    encode = _encoder.encode
    return [
        encode(
            Prediction(
                id=ids[row].hex(),
                deployment=answerer.deployment,
                values=values[row],
                class_=classes[row],
                label=None if (class_ := classes[row]) is None or not labels else labels[class_],
                confidence=confidences[row],
                tier=answerer.tier,
                node=answerer.node,
                model=answerer.model,
                version=answerer.version,
                degraded=degraded,
                latency_ms=latencies_ms[row],
                trail=parse(trails[row]),
            )
        )
        for row in range(count)
    ]


def decode_prediction(value: bytes) -> Prediction:
    """Raises RecordError when it is none."""
    try:
        return _decoder.decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RecordError(f"not a prediction: {error}") from error
