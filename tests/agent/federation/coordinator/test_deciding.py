"""Whatever updates come and however long it takes: the log alone says what counts, and nothing counts twice."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.federation.coordinator.deciding import NotYet, Offer, next_change_at, on_offer, on_time
from agent.federation.coordinator.decisions import (
    Accepted,
    AnyDecision,
    Cause,
    Closed,
    Ended,
    Noised,
    Opened,
    Paused,
    Published,
    Refused,
    Resumed,
    from_bytes,
    to_bytes,
)
from agent.federation.coordinator.standing import LogError, Standing, after
from shared.documents.federation import Patience, Rounds, Stop, Target

DIGEST = "0" * 64
NAMES = ["north", "south", "east"]


def offered(participant: str = "north", **more: int | str) -> Offer:
    given = {"number": 1, "base": 0, "records": 10, "steps": 5, "offset": 7, "sha256": DIGEST, **more}
    return Offer(participant=participant, **given)  # type: ignore[arg-type]


@dataclass
class Book:
    """A coordinator without Kafka: its log, and what it amounts to."""

    rounds: Rounds = field(default_factory=Rounds)
    stop: Stop = field(default_factory=Stop)
    least: int = 1
    now: float = 0.0
    log: list[AnyDecision] = field(default_factory=list)
    standing: Standing = field(default_factory=Standing)

    def write(self, decision: AnyDecision) -> None:
        self.standing = after(self.standing, decision)
        self.log.append(decision)

    def open(self) -> "Book":
        self.write(Opened(model=DIGEST, at=self.now))
        return self

    def offer(self, offer: Offer, **metrics: float) -> AnyDecision | NotYet | None:
        decision = on_offer(self.standing, self.rounds, offer, at=self.now)
        if decision is not None and not isinstance(decision, NotYet):
            self.write(decision)
        self.go_on(**metrics)
        return decision

    def go_on(self, **metrics: float) -> None:
        while decision := on_time(self.standing, self.rounds, self.stop, least=self.least, at=self.now):
            self.write(decision)
            if isinstance(decision, Closed):
                named = {f"cloud/{name}": value for name, value in metrics.items()}
                self.write(Published(round=decision.round + 1, model=DIGEST, metrics=named, at=self.now))


offers = st.builds(
    offered,
    st.sampled_from(NAMES),
    number=st.integers(1, 12),
    base=st.integers(-1, 12),
    unsound=st.sampled_from(["", "", "", "tensor 'bias' holds NaN"]),
)
rules = st.builds(
    Rounds,
    updates=st.integers(1, 4),
    quorum=st.integers(1, 2),
    deadline_s=st.sampled_from([None, 5.0]),
    most_stale=st.sampled_from([None, 0, 2]),
)
happenings = st.lists(offers | st.floats(0.1, 10) | st.sampled_from([Paused, Resumed]), max_size=60)


@given(rules, st.builds(Stop, rounds=st.integers(1, 8)), st.integers(1, 3), happenings)
def test_whatever_happens_the_log_replays_to_the_same_and_nothing_counts_twice(
    rounds: Rounds, stop: Stop, least: int, some: list[Offer | float | type[Paused] | type[Resumed]]
) -> None:
    book = Book(rounds, stop, least).open()
    for one in some:
        if isinstance(one, Offer):
            book.offer(one)
        elif isinstance(one, float):
            book.now += one
            book.go_on()
        else:
            book.write(one(at=book.now))
            book.go_on()
    replayed = Standing()
    for decision in book.log:
        replayed = after(replayed, from_bytes(to_bytes(decision)))
    assert replayed == book.standing
    counted = [(one.participant, one.number) for one in book.log if isinstance(one, Accepted)]
    assert len(counted) == len(set(counted))
    based = [(one.participant, one.base) for one in book.log if isinstance(one, Accepted)]
    assert len(based) == len(set(based))
    in_round: list[str] = []
    for decision in book.log:
        match decision:
            case Accepted(participant=participant):
                assert participant not in in_round
                in_round.append(participant)
            case Closed():
                assert len(in_round) >= max(least, min(rounds.quorum, rounds.updates))
                in_round = []
    assert book.standing.round <= stop.rounds


def test_each_update_makes_a_round_where_one_is_asked_for() -> None:
    book = Book().open()
    book.offer(offered(base=0))
    book.offer(offered("south", base=0))
    assert book.standing.round == 2
    assert book.standing.participants["south"].staleness == 1


def test_a_round_is_full_with_so_many() -> None:
    book = Book(Rounds(updates=3)).open()
    for name in NAMES:
        assert book.standing.round == 0
        book.offer(offered(name))
    assert book.standing.round == 1
    assert book.standing.accepted == ()


def test_at_the_deadline_a_quorum_is_enough_and_before_that_waited_for() -> None:
    book = Book(Rounds(updates=3, quorum=2, deadline_s=10)).open()
    book.offer(offered("north"))
    book.now = 10
    book.go_on()
    assert book.standing.round == 0
    book.offer(offered("south"))
    assert book.standing.round == 1
    assert [one.cause for one in book.log if isinstance(one, Closed)] == [Cause.DEADLINE]


def test_a_strategy_that_takes_more_is_given_more() -> None:
    book = Book(Rounds(updates=1, deadline_s=1), least=3).open()
    book.now = 100
    book.offer(offered("north"))
    book.offer(offered("south"))
    assert book.standing.round == 0
    book.offer(offered("east"))
    assert book.standing.round == 1


def test_a_participant_has_one_place_in_a_round_and_its_next_update_waits_for_the_next() -> None:
    book = Book(Rounds(updates=2)).open()
    book.offer(offered("north"))
    book.offer(offered("south"))
    book.offer(offered("east", base=0))
    early = offered("east", number=2, base=1)
    assert book.offer(early) is NotYet.NOT_YET
    book.offer(offered("north", number=2, base=1))
    assert book.standing.round == 2
    assert isinstance(book.offer(early), Accepted)


def test_the_same_update_again_decides_nothing() -> None:
    book = Book(Rounds(updates=3)).open()
    assert isinstance(book.offer(offered()), Accepted)
    assert book.offer(offered()) is None
    assert book.offer(offered(offset=99)) is None


@pytest.mark.parametrize(
    ("offer", "reason"),
    [
        (offered(number=2, base=0), "from model 0 again: each model is trained from once"),
        (offered("south", base=3), "from model 3, which was never published: the newest is 2"),
        (offered("south", base=-1), "from model -1, which was never published"),
        (offered("east", base=0), "from model 0, 2 is the newest, and 1 may be missed"),
        (offered("south", base=2, unsound="tensor 'bias' holds NaN"), "tensor 'bias' holds NaN"),
    ],
)
def test_what_cannot_count_is_refused_with_its_reason_and_stops_nobody(offer: Offer, reason: str) -> None:
    book = Book(Rounds(most_stale=1)).open()
    book.offer(offered(base=0))
    book.offer(offered("south", base=1))
    decision = book.offer(replace(offer, number=2))
    assert isinstance(decision, Refused)
    assert reason in decision.reason
    assert book.standing.participants[offer.participant].reason == decision.reason
    assert isinstance(book.offer(offered("south", number=3, base=2)), Accepted)


def test_while_it_is_paused_updates_are_taken_and_no_round_closes() -> None:
    book = Book(Rounds(updates=1)).open()
    book.write(Paused(at=1))
    book.offer(offered())
    assert (book.standing.round, len(book.standing.accepted)) == (0, 1)
    book.write(Resumed(at=2))
    book.go_on()
    assert book.standing.round == 1


def test_the_time_of_a_pause_is_not_held_against_the_round() -> None:
    rounds = Rounds(updates=2, deadline_s=10)
    book = Book(rounds).open()
    book.write(Paused(at=5))
    assert next_change_at(book.standing, rounds, Stop()) is None
    book.write(Resumed(at=100))
    assert next_change_at(book.standing, rounds, Stop()) == 110


@pytest.mark.parametrize(
    ("stop", "metrics", "cause", "round_"),
    [
        (Stop(rounds=2), [0.1, 0.2, 0.3], Cause.ROUNDS, 2),
        (Stop(target=Target(metric="cloud/accuracy", value=0.2)), [0.1, 0.2, 0.3], Cause.TARGET, 2),
        (Stop(patience=Patience(metric="cloud/accuracy", rounds=2)), [0.3, 0.2, 0.3, 0.4], Cause.PATIENCE, 3),
        (Stop(seconds=2), [0.1, 0.2, 0.3], Cause.TIME, 2),
    ],
)
def test_what_comes_first_ends_it(stop: Stop, metrics: list[float], cause: Cause, round_: int) -> None:
    book = Book(stop=stop).open()
    for number, accuracy in enumerate(metrics):
        book.offer(offered(NAMES[number % 3], number=number + 1, base=number), accuracy=accuracy)
        book.now += 1
        book.go_on()
    assert (book.standing.ended, book.standing.round) == (cause, round_)
    assert [one.cause for one in book.log if isinstance(one, Ended)] == [cause]
    decision = book.offer(offered("east", number=99, base=0))
    assert isinstance(decision, Refused)
    assert decision.reason == "the federation has ended"


def test_a_loss_is_better_when_it_is_lower() -> None:
    book = Book(stop=Stop(target=Target(metric="cloud/loss", value=0.5))).open()
    book.offer(offered(), loss=0.6)
    assert book.standing.ended is None
    book.offer(offered(number=2, base=1), loss=0.5)
    assert book.standing.ended is Cause.TARGET


@pytest.mark.parametrize(
    "impossible",
    [
        Opened(model=DIGEST, at=1),
        Published(round=1, model=DIGEST, at=1),
        Closed(round=3, cause=Cause.FULL, at=1),
    ],
)
def test_a_decision_that_cannot_follow_says_that_the_log_is_damaged(impossible: AnyDecision) -> None:
    with pytest.raises(LogError, match=type(impossible).__name__.lower()):
        after(Book().open().standing, impossible)


def test_what_nobody_signed_is_refused_once_and_takes_no_number() -> None:
    book = Book(Rounds(updates=3)).open()
    rubbish = offered(number=0, offset=5, unsound="no manifest")
    assert isinstance(book.offer(rubbish), Refused)
    assert book.offer(rubbish) is None
    assert isinstance(book.offer(offered(offset=9)), Accepted)


def test_what_privacy_allows_is_all_there_is_and_the_last_round_still_counts() -> None:
    book = Book(Rounds(updates=2)).open()
    book.offer(offered("north"))
    further = on_offer(book.standing, book.rounds, offered("north", number=2, base=1), at=0, most_updates=1)
    assert isinstance(further, Refused)
    assert "privacy" in further.reason
    assert on_time(book.standing, book.rounds, book.stop, least=1, at=0, most_updates=1) is None
    book.offer(offered("south"))
    ended = on_time(book.standing, book.rounds, book.stop, least=1, at=0, most_updates=1)
    assert ended == Ended(cause=Cause.PRIVACY, at=0)


def test_a_model_remembers_what_made_it() -> None:
    book = Book(Rounds(updates=2)).open()
    book.offer(replace(offered("north"), metrics={"cloud/accuracy": 0.5}))
    book.offer(replace(offered("south"), metrics={"cloud/accuracy": 1.0}), accuracy=0.6)
    (made,) = book.standing.models
    assert (made.round, made.updates) == (1, 2)
    assert (made.metrics, made.site_metrics) == ({"cloud/accuracy": 0.6}, {"cloud/accuracy": 0.75})
    assert made.staleness == {"north": 0, "south": 0}
    book.offer(replace(offered("west"), base=0))
    book.offer(replace(offered("north", number=2), base=1))
    assert book.standing.models[-1].staleness == {"west": 1, "north": 0}


def test_noise_is_added_once_and_only_to_what_a_round_has_made() -> None:
    standing = Book(Rounds(updates=2)).open().standing
    noise = Noised(round=0, deviation=0.1, seed="", at=0)
    with pytest.raises(LogError, match="noised"):
        after(standing, noise)
    closed = after(standing, Closed(round=0, cause=Cause.FULL, at=0))
    with pytest.raises(LogError, match="noised"):
        after(after(closed, noise), noise)


def test_whatever_was_accepted_is_read_from_the_log_again() -> None:
    decision = on_offer(Book().open().standing, Rounds(), offered(records=10**12 - 1, steps=10**12 - 1), at=0)
    assert isinstance(decision, Accepted)
    assert from_bytes(to_bytes(decision)) == decision
