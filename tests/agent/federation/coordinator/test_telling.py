"""What a coordinator tells is what its log says, for people."""

from dataclasses import replace

from agent.federation.coordinator.decisions import Accepted, Cause, Closed, Opened, Published, Refused
from agent.federation.coordinator.standing import Standing, after
from agent.federation.coordinator.telling import counters, most_updates, progress

DIGEST = "0" * 64


def stood() -> Standing:
    standing = Standing()
    for decision in (
        Opened(model="a" * 64, at=0.0),
        Accepted(
            participant="north",
            number=1,
            base=0,
            records=10,
            steps=1,
            offset=3,
            sha256=DIGEST,
            at=1.0,
            metrics={"cloud/loss": 0.5},
        ),
        Refused(participant="south", number=1, offset=4, reason="NaN", at=2.0),
        Closed(round=0, cause=Cause.FULL, at=2.0),
        Published(round=1, model="b" * 64, metrics={"cloud/loss": 0.4}, at=3.0),
    ):
        standing = after(standing, decision)
    return standing


def test_rounds_participants_and_models_are_told() -> None:
    told = progress(stood(), awaited=2, invited=["east", "north"], epsilon=1.5, notices=("mind",))
    assert (told.round, told.model, told.accepted, told.awaited) == (1, "b" * 64, 0, 2)
    assert [(one.name, one.updates, one.refused) for one in told.participants] == [
        ("east", 0, 0),
        ("north", 1, 0),
        ("south", 0, 1),
    ]
    assert told.participants[1].last_at == "1970-01-01T00:00:01.000+00:00"
    assert told.participants[2].reason == "NaN"
    (score,) = told.history
    assert (score.round, score.metrics, score.site_metrics, score.staleness) == (
        1,
        {"cloud/loss": 0.4},
        {"cloud/loss": 0.5},
        {"north": 0},
    )
    assert (told.epsilon, told.ended, told.notices) == (1.5, "", ("mind",))


def test_the_end_is_told_with_its_cause() -> None:
    told = progress(replace(stood(), ended=Cause.TARGET), awaited=1, invited=[], epsilon=None, notices=())
    assert told.ended == "target"


def test_counters_add_up() -> None:
    assert counters(stood()) == {"rounds": 1, "accepted": 1, "refused": 1}
    assert counters(Standing()) == {"rounds": 0, "accepted": 0, "refused": 0}
    assert (most_updates(stood()), most_updates(Standing())) == (1, 0)
