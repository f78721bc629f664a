"""What fits, and why not."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.federation.participant.matching import Found, mismatches
from shared.documents.federation import Requirements
from shared.documents.types import DType

# As Kafka-ML's federated sink is given it.
RESTRICTIONS: dict[str, Any] = {
    "features": {"label": {"num_classes": 3, "names": ["a", "b", "c"], "min": 0, "max": 2}},
    "supervised_keys": {"input": "image", "output": "label"},
}
REQUIRED = Requirements(
    shape=(28, 28), dtype=DType.UINT8, label_shape=(), label_dtype=DType.UINT8, records=100, restrictions=RESTRICTIONS
)
FOUND = Found(
    shape=(28, 28), dtype="uint8", label_shape=(), label_dtype="uint8", records=100, restrictions=RESTRICTIONS
)
LABEL: dict[str, Any] = RESTRICTIONS["features"]["label"]


def described(**label: object) -> Found:
    return replace(FOUND, restrictions={**RESTRICTIONS, "features": {"label": {**LABEL, **label}}})


def test_what_is_asked_for_fits() -> None:
    assert mismatches(REQUIRED, FOUND) == ()


def test_whoever_asks_for_nothing_takes_anything() -> None:
    assert mismatches(Requirements(), replace(FOUND, records=1, restrictions={})) == ()


def test_what_is_not_asked_for_may_be_said() -> None:
    assert mismatches(REQUIRED, described(shape=[28, 28])) == ()


def test_what_no_record_has_shown_yet_is_waited_for() -> None:
    assert mismatches(REQUIRED, replace(FOUND, shape=None, label_shape=None, records=None)) == ()


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (replace(FOUND, shape=(28, 29)), "records have shape [28, 29], not [28, 28]"),
        (replace(FOUND, label_shape=(1,)), "labels have shape [1], not []"),
        (replace(FOUND, dtype="float32"), "records are float32, not uint8"),
        (replace(FOUND, label_dtype="int64"), "labels are int64, not uint8"),
        (replace(FOUND, records=99), "99 records, and 100 are asked for"),
        (replace(FOUND, restrictions={}), "restrictions.features is not said: "),
        (described(num_classes=4), "restrictions.features.label.num_classes is 4, not 3"),
        (described(names=["a", "b", "d"]), "restrictions.features.label.names is ['a', 'b', 'd'], not ['a', 'b', 'c']"),
        (described(max=3), "restrictions.features.label.max is 3, beyond 2"),
        (described(min=-1), "restrictions.features.label.min is -1, beyond 0"),
        (described(num_classes=True), "restrictions.features.label.num_classes is True, not 3"),
        (replace(FOUND, restrictions={**RESTRICTIONS, "features": 7}), "restrictions.features is 7, not an object"),
    ],
)
def test_what_nearly_fits_is_told_why_it_does_not(found: Found, reason: str) -> None:
    said, *_ = mismatches(REQUIRED, found)
    assert said.startswith(reason)


def test_a_narrower_range_fits() -> None:
    assert mismatches(REQUIRED, described(min=1, max=1)) == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "min", "max"]), inner, max_size=3)
    ),
)


@given(st.dictionaries(st.text(max_size=3), json_values, max_size=3), st.dictionaries(st.text(max_size=3), json_values))
def test_any_description_is_answered_and_fits_itself(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert mismatches(Requirements(restrictions=one), replace(FOUND, restrictions=one)) == ()
    assert all(mismatches(Requirements(restrictions=one), replace(FOUND, restrictions=other)))
