from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from simulations.report.charts.marks import rows

LABELS = st.lists(st.tuples(st.floats(0, 7), st.floats(0.1, 3)), max_size=12).map(sorted)


@given(LABELS)
def test_no_two_labels_of_a_row_collide(labels: list[tuple[float, float]]) -> None:
    chosen = rows([place for place, _ in labels], [width for _, width in labels])
    for (one, row), (other, other_row) in combinations(zip(labels, chosen, strict=True), 2):
        assert row != other_row or one[0] + one[1] <= other[0]


@given(LABELS)
def test_no_row_is_left_out(labels: list[tuple[float, float]]) -> None:
    chosen = rows([place for place, _ in labels], [width for _, width in labels])
    assert set(chosen) == set(range(len(set(chosen))))
