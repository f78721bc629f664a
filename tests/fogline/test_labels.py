"""Labels as they are typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fogline.labels import changed_labels, parse_labels
from shared.errors import SettingsError

WORDS = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)
LABELS = st.dictionaries(WORDS, WORDS)


@given(LABELS, LABELS)
def test_setting_labels_keeps_the_others(current: dict[str, str], wanted: dict[str, str]) -> None:
    assert changed_labels(current, [f"{key}={value}" for key, value in wanted.items()]) == current | wanted


@given(LABELS)
def test_taking_all_away_leaves_none(current: dict[str, str]) -> None:
    assert changed_labels(current, [f"{key}-" for key in current]) == {}


def test_a_value_may_hold_an_equals_sign_or_end_in_a_hyphen() -> None:
    assert parse_labels(["a=b=c", "d=e-"]) == {"a": "b=c", "d": "e-"}
    assert changed_labels({}, ["d=e-"]) == {"d": "e-"}


@pytest.mark.parametrize("text", ["tier", "=edge", "tier=", ""])
def test_what_is_no_label_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match="is not a label"):
        changed_labels({}, [text])


def test_what_is_not_there_cannot_be_taken_away() -> None:
    with pytest.raises(SettingsError, match="no label 'gpu'"):
        changed_labels({"tier": "edge"}, ["gpu-"])
