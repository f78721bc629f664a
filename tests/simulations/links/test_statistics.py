from hypothesis import given
from hypothesis import strategies as st

from simulations.bench.statistics import percentile
from simulations.links.statistics import LatenessCounter


@given(st.lists(st.integers(0, 19_999), min_size=1, max_size=200))
def test_the_histogram_gives_the_percentiles_of_what_it_counted(late_us: list[int]) -> None:
    counter = LatenessCounter()
    for one in late_us:
        counter.add((one + 0.5) / 1e6)
    found = counter.summary()
    assert (found.count, found.max_us) == (len(late_us), max(late_us))
    assert (found.p50_us, found.p99_us) == (percentile(late_us, 0.5), percentile(late_us, 0.99))


def test_a_counter_without_counts_says_so() -> None:
    assert LatenessCounter().summary().count == 0


def test_the_greatest_is_known_beyond_the_histogram() -> None:
    counter = LatenessCounter()
    counter.add(3.0)
    assert counter.summary().max_us == 3_000_000
