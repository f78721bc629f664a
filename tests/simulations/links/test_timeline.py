import math

from hypothesis import given
from hypothesis import strategies as st

from simulations.links.timeline import Timeline


@given(st.lists(st.floats(0, 10)))
def test_what_is_due_comes_in_order_and_equals_as_they_were_put(moments: list[float]) -> None:
    timeline: Timeline[int] = Timeline()
    for number, at_s in enumerate(moments):
        timeline.put(at_s, number)
    expected = sorted((at_s, number) for number, at_s in enumerate(moments) if at_s <= 5)
    assert list(timeline.take(5)) == expected
    assert timeline.next_s > 5


@given(st.lists(st.floats(0, 10)))
def test_what_is_pulled_out_is_ordered_and_the_rest_stays(moments: list[float]) -> None:
    timeline: Timeline[int] = Timeline()
    for number, at_s in enumerate(moments):
        timeline.put(at_s, number)
    ordered = [number for _, number in sorted((at_s, number) for number, at_s in enumerate(moments))]
    assert timeline.pull(lambda number: number % 2 == 0) == [number for number in ordered if number % 2 == 0]
    assert [number for _, number in timeline.take(math.inf)] == [number for number in ordered if number % 2]


def test_what_is_put_meanwhile_is_taken_too() -> None:
    timeline: Timeline[str] = Timeline()
    timeline.put(1.0, "first")
    found = []
    for _, subject in timeline.take(2.0):
        found.append(subject)
        if subject == "first":
            timeline.put(1.5, "second")
    assert found == ["first", "second"]
