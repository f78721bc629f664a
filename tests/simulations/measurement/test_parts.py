"""Where the time went: the parts of a record's latency, and that nothing is left over."""

from dataclasses import dataclass
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulations.measurement.columns import from_rows
from simulations.measurement.parts import ANSWER, CLIENTS, Kind, Split, split
from simulations.measurement.rows import HopRow, RecordRow

TIERS = ("edge", "fog", "cloud")


def record(name: str, *, due: int, sent: int, acked: int | None, answered: int | None, tier: str | None) -> RecordRow:
    return RecordRow(
        cell=0,
        repetition=0,
        client=0,
        number=0,
        id=name,
        due_us=due,
        sent_us=sent,
        acked_us=acked,
        answered_us=answered,
        tier=tier,
    )


def hop(name: str, tier: str, *, received: int, inferred: int, sent: int, acked: int | None = None) -> HopRow:
    return HopRow(
        cell=0,
        repetition=0,
        id=name,
        hop=TIERS.index(tier),
        tier=tier,
        node=f"{tier}-1",
        received_us=received,
        inferred_us=inferred,
        sent_us=sent,
        acked_us=acked,
    )


def parts(records: list[RecordRow], hops: list[HopRow]) -> Split:
    return split(from_rows(RecordRow, records), from_rows(HopRow, hops))


def of(found: Split, row: int) -> dict[tuple[str, Kind], int]:
    return {key: int(us[row]) for key, us in found.parts.items() if us[row]}


def test_each_part_has_its_place_and_kind() -> None:
    found = parts(
        [record("a", due=0, sent=10, acked=40, answered=200, tier="edge")],
        [hop("a", "edge", received=60, inferred=110, sent=112, acked=150)],
    )
    assert of(found, 0) == {
        (CLIENTS, Kind.WAITING): 10,
        ("edge", Kind.LINK): 30,
        ("edge", Kind.WAITING): 20,
        ("edge", Kind.COMPUTING): 50,
        ("edge", Kind.PRODUCING): 2,
        (ANSWER, Kind.LINK): 38,
        (ANSWER, Kind.WAITING): 50,
    }


def test_without_an_acknowledgement_the_log_counts_to_the_way() -> None:
    found = parts(
        [record("a", due=0, sent=10, acked=None, answered=200, tier="fog")],
        [
            hop("a", "edge", received=60, inferred=70, sent=80),
            hop("a", "fog", received=130, inferred=140, sent=150),
        ],
    )
    assert of(found, 0)["edge", Kind.LINK] == 50
    assert of(found, 0)["fog", Kind.LINK] == 50
    assert of(found, 0)[ANSWER, Kind.LINK] == 50


def test_an_acknowledgement_after_the_receipt_takes_nothing_from_the_next_part() -> None:
    found = parts(
        [record("a", due=0, sent=10, acked=75, answered=200, tier="edge")],
        [hop("a", "edge", received=60, inferred=110, sent=112)],
    )
    assert of(found, 0)["edge", Kind.LINK] == 50
    assert ("edge", Kind.WAITING) not in of(found, 0)
    assert found.disorder.tolist() == [0]


def test_a_record_that_left_early_has_no_part_above() -> None:
    records = [
        record("a", due=0, sent=0, acked=5, answered=50, tier="edge"),
        record("b", due=0, sent=0, acked=5, answered=90, tier="fog"),
    ]
    hops = [
        hop("a", "edge", received=10, inferred=20, sent=30, acked=35),
        hop("b", "edge", received=10, inferred=20, sent=30, acked=40),
        hop("b", "fog", received=50, inferred=60, sent=70),
    ]
    found = parts(records, hops)
    assert not [place for place, _ in of(found, 0) if place == "fog"]
    assert of(found, 1)["fog", Kind.LINK] == 10
    assert of(found, 0)[ANSWER, Kind.LINK] == 5


def test_of_a_record_that_was_delivered_twice_the_way_that_led_to_the_answer_counts() -> None:
    found = parts(
        [record("a", due=0, sent=0, acked=5, answered=90, tier="fog")],
        [
            hop("a", "edge", received=10, inferred=20, sent=30),
            hop("a", "edge", received=60, inferred=70, sent=80),
            hop("a", "fog", received=50, inferred=60, sent=70),
            hop("a", "fog", received=100, inferred=110, sent=120),
        ],
    )
    assert of(found, 0)["edge", Kind.LINK] + of(found, 0)["edge", Kind.WAITING] == 10
    assert of(found, 0)["fog", Kind.LINK] == 20


def test_a_record_of_which_a_hop_is_missing_is_left_out() -> None:
    records = [
        record("a", due=0, sent=0, acked=5, answered=90, tier="fog"),
        record("b", due=0, sent=0, acked=5, answered=90, tier="edge"),
        record("c", due=0, sent=0, acked=5, answered=None, tier=None),
    ]
    hops = [
        hop("a", "fog", received=50, inferred=60, sent=70),
        hop("b", "edge", received=50, inferred=60, sent=70),
        hop("other", "edge", received=50, inferred=60, sent=70),
    ]
    assert parts(records, hops).rows.tolist() == [1]


def test_nothing_sent_has_no_parts() -> None:
    assert parts([], []).rows.tolist() == []
    assert parts([record("a", due=0, sent=0, acked=None, answered=9, tier="edge")], []).rows.tolist() == []


def test_times_that_contradict_their_order_are_told() -> None:
    found = parts(
        [record("a", due=100, sent=90, acked=None, answered=200, tier="edge")],
        [hop("a", "edge", received=120, inferred=115, sent=130)],
    )
    assert found.disorder.tolist() == [15]
    assert sum(of(found, 0).values()) == 100


@dataclass(frozen=True, slots=True)
class Journey:
    record: RecordRow
    hops: list[HopRow]


@st.composite
def journeys(draw: st.DrawFn, name: str) -> Journey:
    step = st.integers(0, 10**7)
    now = due = draw(st.integers(0, 2**45))
    now = sent = now + draw(step)
    first_ack = draw(st.none() | st.integers(sent, sent + 10**7))
    hops = []
    for tier in TIERS[: draw(st.integers(1, 3))]:
        received = now + draw(step)
        inferred = received + draw(step)
        now = inferred + draw(step)
        acked = draw(st.none() | st.integers(now, now + 10**7))
        hops.append(hop(name, tier, received=received, inferred=inferred, sent=now, acked=acked))
    answered = now + draw(step)
    made = record(name, due=due, sent=sent, acked=first_ack, answered=answered, tier=hops[-1].tier)
    return Journey(made, hops)


@given(st.integers(0, 4).flatmap(lambda count: st.tuples(*[journeys(str(one)) for one in range(count)])), st.randoms())
def test_the_parts_add_up_to_the_latency_exactly(found: tuple[Journey, ...], random: Random) -> None:
    hops = [one for journey in found for one in journey.hops]
    random.shuffle(hops)
    divided = parts([journey.record for journey in found], hops)
    assert divided.rows.tolist() == list(range(len(found)))
    for row, journey in enumerate(found):
        assert journey.record.answered_us is not None
        assert sum(of(divided, row).values()) == journey.record.answered_us - journey.record.due_us
    assert not divided.disorder.any()
    assert all((us >= 0).all() for us in divided.parts.values())


@given(st.lists(st.integers(0, 1000), min_size=7, max_size=7))
def test_they_add_up_whatever_the_clocks_say(times: list[int]) -> None:
    due, sent, acked, received, inferred, passed_on, answered = times
    found = parts(
        [record("a", due=due, sent=sent, acked=acked, answered=answered, tier="edge")],
        [hop("a", "edge", received=received, inferred=inferred, sent=passed_on)],
    )
    if len(found.rows) and answered >= due:
        assert sum(us[0] for us in found.parts.values()) == answered - due
        assert np.all([us[0] >= 0 for us in found.parts.values()])
