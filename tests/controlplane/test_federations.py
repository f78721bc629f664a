"""Federations: whatever operators, coordinators and the clock do, what is ending ends, and what is over stays so."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from controlplane import federation_events, federations
from controlplane.federation_views import standing
from controlplane.federations import MOST_ENDING_S, Federated
from shared.documents import Phase, VersionName, WorkloadStatus
from shared.documents.federation_workloads import (
    FederationOutcome,
    FederationProgress,
    FederationState,
    ParticipantStanding,
)
from tests.controlplane.federating import PART, federated

WAITS = "waits for a node that coordinates: no node carries coordinator=true"
VERSION = VersionName(model="small", version=1)
Step = Callable[[Federated, float], Federated]

phases = st.sampled_from([Phase.STARTING, Phase.RUNNING, Phase.DRAINING, Phase.FAILED])
statuses = st.none() | st.builds(
    lambda phase, lasting: status(phase, for_good=lasting and phase is Phase.FAILED), phases, st.booleans()
)
progresses = st.builds(
    FederationProgress, round=st.integers(-1, 9), ended=st.sampled_from(["", "", "rounds", "cancelled"])
)


def status(phase: Phase, *, for_good: bool = False, reason: str = "") -> WorkloadStatus:
    return WorkloadStatus(id=PART, kind="coordinator", phase=phase, for_good=for_good, reason=reason)


def operated(kind: str) -> Step:
    match kind:
        case "pause":
            return lambda one, _: federations.paused(one) if not one.is_over else one
        case "resume":
            return lambda one, _: federations.resumed(one) if not one.is_over else one
        case _:
            return lambda one, now: federations.cancelled(one, now=now, wall=now)


def passed(said: WorkloadStatus | None, node: str | None, *, is_silent: bool) -> Step:
    """One pass of the scheduler."""

    def step(one: Federated, now: float) -> Federated:
        one = federations.aged(federations.heard(one, said, wall=now), now=now, wall=now)
        return federations.placed(one, node, WAITS, is_silent=is_silent, wall=now)

    return step


steps = st.one_of(
    st.builds(operated, st.sampled_from(["pause", "resume", "cancel"])),
    st.builds(passed, statuses, st.sampled_from([None, "hub", "hub-2"]), is_silent=st.booleans()),
    progresses.map(lambda told: lambda one, now: federations.reported(one, told, now=now)),
)
stories = st.lists(st.tuples(steps, st.floats(0, MOST_ENDING_S / 3)), max_size=20)


def lived(story: list[tuple[Step, float]]) -> tuple[list[Federated], float]:
    told, now = [federated()], 0.0
    for step, seconds in story:
        now += seconds
        told.append(step(told[-1], now))
    return told, now


@given(stories)
def test_what_is_over_stays_over_and_says_when(story: list[tuple[Step, float]]) -> None:
    told, _ = lived(story)
    for before, after in pairwise(told):
        assert after == before or not before.is_over
    assert all((one.ended_at is not None) is one.is_over for one in told)


@given(stories)
def test_what_is_ending_ends_whatever_comes(story: list[tuple[Step, float]]) -> None:
    told, now = lived(story)
    last = told[-1]
    if last.is_ending:
        moment = federations.next_change_at(last)
        assert moment is not None
        assert moment <= now + MOST_ENDING_S
        assert federations.aged(last, now=moment, wall=moment).is_over


@given(stories)
def test_rounds_and_the_cause_of_the_end_are_never_taken_back(story: list[tuple[Step, float]]) -> None:
    for before, after in pairwise(lived(story)[0]):
        assert after.round >= before.round
        assert after.ended == before.ended or not before.ended


@given(stories)
def test_each_milestone_is_told_once(story: list[tuple[Step, float]]) -> None:
    told, _ = lived(story)
    kinds = [one.kind for before, after in pairwise(told) for one in federation_events.told(before, after)]
    once = [kind for kind in kinds if kind not in ("federation_moved",)]
    assert len(set(once)) == len(once)
    assert (told[-1].is_over) is bool({"federation_failed", "federation_finished"} & set(kinds))


@given(stories, statuses, st.booleans())
def test_nobody_is_shown_as_running_who_does_not_say_so(
    story: list[tuple[Step, float]], said: WorkloadStatus | None, is_silent: bool
) -> None:
    for one in lived(story)[0]:
        state, reason = standing(one, said, is_silent=is_silent)
        assert state.is_final is one.is_over
        if state is FederationState.RUNNING:
            assert (said is not None and said.phase is Phase.RUNNING, is_silent, one.seated is None) == (
                True,
                False,
                False,
            )
        if state is FederationState.WAITING:
            assert reason


def test_before_its_first_model_it_is_cancelled_at_once_and_later_it_waits_for_the_last() -> None:
    early = federations.cancelled(federated(), now=5.0, wall=50.0)
    assert (early.end, early.ended_at) == (FederationState.CANCELLED, 50.0)
    late = federations.cancelled(federated(round=0), now=5.0, wall=50.0)
    assert (late.end, late.ending_since) == (None, 5.0)
    assert federations.cancelled(late, now=9.0, wall=90.0) == late


@pytest.mark.parametrize(
    ("ended", "is_cancelled", "end"),
    [
        ("rounds", False, FederationState.FINISHED),
        ("cancelled", True, FederationState.CANCELLED),
        ("", True, FederationState.CANCELLED),
        # It had ended before the operator's word came.
        ("rounds", True, FederationState.FINISHED),
    ],
)
def test_an_outcome_ends_it_as_it_ended(ended: str, is_cancelled: bool, end: FederationState) -> None:
    ending = federated(round=3, ended=ended, is_cancelled=is_cancelled, ending_since=1.0)
    over = federations.handed_in(ending, FederationOutcome(exits=("edge",)), VERSION, wall=9.0)
    assert (over.end, over.version, over.exits, over.ended_at) == (end, VERSION, ("edge",), 9.0)


def test_a_model_that_never_comes_is_waited_for_four_hours() -> None:
    ended = federations.reported(federated(round=3), FederationProgress(round=3, ended="rounds"), now=0.0)
    assert not federations.aged(ended, now=MOST_ENDING_S - 1, wall=1.0).is_over
    over = federations.aged(ended, now=MOST_ENDING_S, wall=1.0)
    assert (over.end, over.reason) == (
        FederationState.FAILED,
        "it ended (rounds), and its last model was not handed in within 14,400 s",
    )
    given_up = federations.aged(federated(is_cancelled=True, ending_since=0.0), now=MOST_ENDING_S, wall=1.0)
    assert given_up.end is FederationState.CANCELLED


def test_a_clock_that_was_set_back_makes_no_ending_longer() -> None:
    later = federated(ended="rounds", ending_since=10_000.0)
    assert federations.next_change_at(federations.aged(later, now=0.0, wall=0.0)) == MOST_ENDING_S


def test_a_failure_that_passes_is_no_end() -> None:
    seated = federations.placed(federated(), "hub", "", is_silent=False, wall=0.0)
    assert federations.heard(seated, status(Phase.FAILED, reason="Kafka is away"), wall=1.0) == seated
    over = federations.heard(seated, status(Phase.FAILED, reason="no such strategy", for_good=True), wall=1.0)
    assert (over.end, over.reason) == (FederationState.FAILED, "hub: no such strategy")


def test_of_each_participant_the_first_refusal_is_told_and_of_many_only_how_many() -> None:
    def refused(*names: str, times: int = 1) -> FederationProgress:
        return FederationProgress(
            participants=tuple(ParticipantStanding(name=name, refused=times, reason="NaN") for name in names)
        )

    first = federation_events.refused("clinics", refused(), refused("north"))
    assert [(one.kind, one.detail) for one in first] == [
        ("federation_update_refused", {"participant": "north", "reason": "NaN"})
    ]
    assert federation_events.refused("clinics", refused("north"), refused("north", times=2)) == []
    many = federation_events.refused("clinics", refused(), refused(*(f"site-{number}" for number in range(51))))
    assert [(one.kind, one.detail) for one in many] == [("federation_updates_refused", {"participants": 51})]


def test_what_lies_on_nobody_has_no_coordinator_though_it_had_one() -> None:
    seated = replace(federated(), coordinator="hub")
    lost = federations.placed(seated, None, WAITS, is_silent=False, wall=0.0)
    assert (lost.coordinator, lost.seated) == ("hub", None)
    assert standing(lost, status(Phase.RUNNING), is_silent=False) == (FederationState.WAITING, WAITS)
