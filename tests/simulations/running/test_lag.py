"""What waits at a tier, look by look."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from simulations.measurement.rows import HopRow, RecordRow
from simulations.running.lag import LOOK_EVERY_US, lag

AT = {"cell": 0, "repetition": 0}


def record(number: int, sent_us: int) -> RecordRow:
    return RecordRow(cell=0, repetition=0, client=0, number=number, id=f"{number:02x}", due_us=sent_us, sent_us=sent_us)


def hop(number: int, tier: str, received_us: int, sent_us: int) -> HopRow:
    place = ("edge", "cloud").index(tier)
    return HopRow(
        **AT,
        id=f"{number:02x}",
        hop=place,
        tier=tier,
        node=f"{tier}-1",
        received_us=received_us,
        inferred_us=received_us,
        sent_us=sent_us,
    )


def test_a_record_waits_from_its_sending_until_it_is_taken() -> None:
    records = [record(0, 0), record(1, 0)]
    hops = [hop(0, "edge", 0, 50_000), hop(1, "edge", 250_000, 260_000), hop(0, "cloud", 300_001, 310_000)]
    found = {(row.tier, row.at_us): row.records for row in lag(records, hops, **AT)}
    assert [found["edge", at_us] for at_us in (0, 100_000, 200_000, 300_000)] == [1, 1, 1, 0]
    assert [found["cloud", at_us] for at_us in (0, 100_000, 200_000, 300_000)] == [0, 1, 1, 1]


def test_where_nothing_was_answered_nothing_is_known() -> None:
    assert lag([record(0, 0)], [], **AT) == []


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=30))
def test_never_fewer_than_none_nor_more_than_all(times: list[tuple[int, int]]) -> None:
    records = [record(number, sent_us) for number, (sent_us, _) in enumerate(times)]
    hops = [hop(number, "edge", sum(both), sum(both)) for number, both in enumerate(times)]
    found = lag(records, hops, **AT)
    assert all(0 <= row.records <= len(times) for row in found)
    assert all(later.at_us - row.at_us == LOOK_EVERY_US for row, later in itertools.pairwise(found))
