"""An answer as its readers see it."""

import json

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from shared.errors import RecordError
from shared.record.prediction import Answerer, Prediction, decode_prediction, encode_predictions
from shared.record.trail import Passing, append, parse

ANSWERER = Answerer(deployment="fashion", tier="edge", node="edge-1", model="fashion-mnist", version=3)
PASSED = append(
    None,
    Passing(node="edge-1", boot_id=bytes(8), version=3, received_us=5, inferred_us=7, sent_us=9),
    0.75,
)


def encode(
    outputs: NDArray[np.floating], *, classes: list[int] | None = None, labels: tuple[str, ...] = ()
) -> list[bytes]:
    count = len(outputs)
    return encode_predictions(
        msgspec.structs.replace(ANSWERER, labels=labels),
        ids=[bytes([row]) * 16 for row in range(count)],
        outputs=outputs,
        classes=classes or [None] * count,
        confidences=[0.75 if classes else None] * count,
        latencies_ms=[1.5] * count,
        trails=[PASSED] * count,
    )


def test_the_object_on_the_wire() -> None:
    (text,) = encode(np.array([[0.25, 0.75]]), classes=[1], labels=("sandal", "boot"))
    assert json.loads(text) == {
        "id": "00" * 16,
        "deployment": "fashion",
        "values": [0.25, 0.75],
        "class": 1,
        "label": "boot",
        "confidence": 0.75,
        "tier": "edge",
        "node": "edge-1",
        "model": "fashion-mnist",
        "version": 3,
        "degraded": False,
        "latency_ms": 1.5,
        "trail": [
            {
                "node": "edge-1",
                "boot_id": "00" * 8,
                "version": 3,
                "received_us": 5,
                "inferred_us": 7,
                "sent_us": 9,
                "confidence": 0.75,
            }
        ],
    }


def test_a_network_without_classes_gives_values_alone() -> None:
    (text,) = encode(np.array([[20.5]]))
    answer = json.loads(text)
    assert answer["values"] == [20.5]
    assert answer["class"] is answer["label"] is answer["confidence"] is None


def test_a_single_number_is_still_a_list() -> None:
    assert [json.loads(text)["values"] for text in encode(np.array([1.5, 2.5]))] == [[1.5], [2.5]]


def test_json_knows_no_infinity() -> None:
    (text,) = encode(np.array([[np.nan, np.inf, 1]]))
    assert json.loads(text)["values"] == [None, None, 1]


@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=4, max_side=3),
        elements=st.floats(allow_nan=False, allow_infinity=False, width=32),
    )
)
def test_every_number_comes_back_exactly(outputs: NDArray[np.float32]) -> None:
    answers = [decode_prediction(text) for text in encode(outputs)]
    np.testing.assert_array_equal(np.array([answer.values for answer in answers], np.float32), outputs)
    assert [answer.id for answer in answers] == [(bytes([row]) * 16).hex() for row in range(len(outputs))]
    assert {answer.trail for answer in answers} == {parse(PASSED)}


def test_a_reader_passes_over_fields_of_a_later_version() -> None:
    (text,) = encode(np.array([[1.0]]))
    assert isinstance(decode_prediction(text[:-1] + b',"later":1}'), Prediction)


@given(st.binary())
def test_what_is_no_prediction_is_a_record_error(text: bytes) -> None:
    with pytest.raises(RecordError):
        decode_prediction(text)
