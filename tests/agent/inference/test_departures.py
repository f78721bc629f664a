"""One micro-batch from records to what must be sent, without a broker."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from agent.inference.arrivals import read
from agent.inference.batch import Arrivals, Consumed, Departures
from agent.inference.departures import Moment, Rules, depart
from agent.inference.worker import infer_shares
from shared.documents import ExitPolicy, FeaturesEncoding
from shared.record import trail
from shared.record.headers import ID, MODEL, TRAIL, Header
from shared.record.prediction import decode_prediction
from tests.agent.inference.arithmetic import POISON, Arithmetic, record
from tests.agent.inference.consumed import consumed, in_use

EDGE = in_use(Arithmetic(tier="edge", version=1))
OTHER = in_use(Arithmetic(tier="edge", version=2))
LOADED = {EDGE.id: EDGE, OTHER.id: OTHER}
MOMENT = Moment(node="n", boot_id=bytes(8), received_us=1, inferred_us=2, sent_us=3, now_us=2_000_000)
FORWARDING = Rules(policy=ExitPolicy(threshold=0.8), features=FeaturesEncoding.RAW)
KINDS = {
    "sure": record(0.9),
    "unsure": record(0.6),
    "poison": record(0.9, mark=POISON),
    "nan": record(float("nan")),
    "short": b"123",
    "empty": None,
}


def _arrive(records: Sequence[Consumed], serving: str | None = EDGE.id) -> Arrivals:
    return read(records, cluster_id="c", sub_models=LOADED, serving=serving)


def _through(records: Sequence[Consumed], rules: Rules = FORWARDING) -> Departures:
    arrivals = _arrive(records)
    return depart(records, arrivals, infer_shares(arrivals.shares), rules, MOMENT)


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=12), st.booleans())
def test_every_record_leaves_exactly_once_whatever_is_beside_it(kinds: list[str], degrades: bool) -> None:
    records = [consumed(KINDS[kind], offset=offset) for offset, kind in enumerate(kinds)]
    rules = Rules(policy=FORWARDING.policy, features=FORWARDING.features, degrades=degrades)
    departures = _through(records, rules)
    counts = {kind: kinds.count(kind) for kind in KINDS}
    assert len(departures.answers) == counts["sure"]
    assert len(departures.degraded if degrades else departures.forwards) == counts["unsure"]
    assert not (departures.forwards if degrades else departures.degraded)
    assert len(departures.dead_letters) == len(kinds) - counts["sure"] - counts["unsure"]


def test_an_answer_and_its_degraded_twin_differ_in_that_word_only() -> None:
    (answer,) = _through([consumed(KINDS["sure"])]).answers
    (degraded,) = _through(
        [consumed(KINDS["unsure"])], Rules(policy=None, features=FORWARDING.features, degrades=True)
    ).degraded
    assert not decode_prediction(answer.value or b"").degraded
    assert decode_prediction(degraded.value or b"").degraded


def test_the_last_tier_answers_whatever_its_confidence() -> None:
    departures = _through([consumed(KINDS["unsure"])], Rules(policy=FORWARDING.policy, features=None))
    assert len(departures.answers) == 1


def test_the_time_from_sensor_to_answer_is_never_negative() -> None:
    rules = Rules(policy=None, features=None)
    late, early = (
        decode_prediction(
            _through([consumed(KINDS["sure"], headers=[("fogline-time", time.to_bytes(8, "big"))])], rules)
            .answers[0]
            .value
            or b""
        )
        for time in (1_500_000, 9_000_000)
    )
    assert (late.latency_ms, early.latency_ms) == (500.0, 0.0)


def test_records_of_two_versions_are_inferred_by_their_own() -> None:
    records = [
        consumed(KINDS["unsure"], headers=[(MODEL, version.encode())]) for version in (EDGE.id, OTHER.id, EDGE.id)
    ]
    departures = _through(records)
    made_by = {dict(one.headers)[MODEL]: np.frombuffer(one.value or b"", "<f4")[3] for one in departures.forwards}
    assert made_by == {b"digits/1": 1.0, b"digits/2": 2.0}


def test_without_a_serving_version_a_record_must_name_one() -> None:
    arrivals = _arrive([consumed(KINDS["sure"]), consumed(KINDS["sure"], headers=[(MODEL, b"digits/2")])], serving=None)
    assert list(arrivals.rejected) == [0]
    assert [share.sub_model.id for share in arrivals.shares] == ["digits/2"]


def test_a_damaged_trail_harms_its_own_record_only() -> None:
    whole = trail.append(None, MOMENT.passing(1), 0.5)
    full = whole
    for _ in range(trail.MOST_ENTRIES - 1):
        full = trail.append(full, MOMENT.passing(1), 0.5)
    headers: list[list[Header]] = [[(TRAIL, whole)], [(TRAIL, b"garbage")], [(TRAIL, full)]]
    departures = _through([consumed(KINDS["sure"], headers=some) for some in headers])
    assert len(departures.answers) == 1
    assert len(departures.dead_letters) == 2


@given(st.lists(st.sampled_from([b"", b"short", bytes(16)]), min_size=1, max_size=4))
def test_an_id_is_taken_when_it_is_one_and_derived_when_there_is_none(ids: list[bytes]) -> None:
    records = [consumed(KINDS["sure"], offset=offset, headers=[(ID, id)]) for offset, id in enumerate(ids)]
    arrivals = _arrive(records)
    assert set(arrivals.rejected) == {row for row, id in enumerate(ids) if len(id) != 16}
    assert [arrivals.ids[row] for row, id in enumerate(ids) if len(id) == 16] == [id for id in ids if len(id) == 16]
    again = _arrive([consumed(KINDS["sure"], offset=offset) for offset in range(3)])
    assert again.ids == _arrive([consumed(KINDS["sure"], offset=offset) for offset in range(3)]).ids
    assert len(set(again.ids)) == 3


def test_a_dead_letter_that_comes_back_is_not_labelled_twice() -> None:
    (letter,) = _through([consumed(KINDS["short"], headers=[("room", b"7")])]).dead_letters
    (again,) = _through([consumed(letter.value, offset=5, headers=letter.headers)]).dead_letters
    names = [name for name, _ in again.headers]
    assert len(names) == len(set(names))
    assert dict(again.headers)["fogline-origin-offset"] == b"5"
    assert dict(again.headers)["room"] == b"7"
