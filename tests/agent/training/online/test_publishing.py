from hypothesis import assume, given
from hypothesis import strategies as st

from agent.training.online.publishing import Judged, is_better

LOSSES = st.floats(0, 100, allow_nan=False)
JUDGED = st.lists(st.builds(Judged, trained=LOSSES, published=LOSSES), max_size=12)
WINDOWS, MARGINS = st.integers(1, 6), st.floats(0, 1)


def mean(values: list[float]) -> float:
    return sum(values) / len(values)


@given(JUDGED, WINDOWS, MARGINS)
def test_a_worse_one_is_never_published(judged: list[Judged], windows: int, margin: float) -> None:
    if is_better(judged, windows=windows, margin=margin):
        last = judged[-windows:]
        assert len(last) == windows
        assert mean([one.trained for one in last]) < mean([one.published for one in last])


@given(JUDGED, WINDOWS, MARGINS, MARGINS)
def test_a_wider_margin_publishes_no_more(judged: list[Judged], windows: int, one: float, other: float) -> None:
    narrow, wide = sorted((one, other))
    assert is_better(judged, windows=windows, margin=narrow) or not is_better(judged, windows=windows, margin=wide)


@given(JUDGED, JUDGED, WINDOWS, MARGINS)
def test_only_the_last_windows_count(before: list[Judged], last: list[Judged], windows: int, margin: float) -> None:
    assume(len(last) >= windows)
    assert is_better([*before, *last], windows=windows, margin=margin) == is_better(
        last, windows=windows, margin=margin
    )


@given(LOSSES, WINDOWS, MARGINS)
def test_an_equal_one_is_not_better(loss: float, windows: int, margin: float) -> None:
    assert not is_better([Judged(trained=loss, published=loss)] * windows, windows=windows, margin=margin)


def test_a_lower_loss_by_the_margin_is_better() -> None:
    judged = [Judged(trained=0.8, published=1.0), Judged(trained=1.0, published=1.0)]
    assert is_better(judged, windows=2, margin=0.05)
    assert not is_better(judged, windows=2, margin=0.1)
    assert not is_better(judged, windows=3, margin=0.05)


def test_what_is_no_number_is_not_better_and_anything_is_better_than_it() -> None:
    nan = float("nan")
    assert not is_better([Judged(trained=nan, published=1.0)], windows=1, margin=0.0)
    assert is_better([Judged(trained=1.0, published=nan)], windows=1, margin=0.0)
