"""How a federation stands, as its coordinator tells of it. Pure."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from agent.federation.coordinator.standing import Model, Participant, Standing
from shared.documents.federation_workloads import FederationProgress, ModelScore, ParticipantStanding


def progress(
    standing: Standing,
    *,
    awaited: int,
    invited: Collection[str],
    epsilon: float | None,
    notices: tuple[str, ...],
) -> FederationProgress:
    """`awaited`: so many updates make a round. `invited`: also those that have sent nothing."""
    named = {**dict.fromkeys(invited, Participant()), **standing.participants}
    return FederationProgress(
        round=standing.round,
        model=standing.model,
        accepted=len(standing.accepted),
        awaited=awaited,
        is_paused=standing.is_paused,
        participants=tuple(_participant(name, one) for name, one in sorted(named.items())),
        history=tuple(map(_score, standing.models)),
        epsilon=epsilon,
        ended="" if standing.ended is None else standing.ended.value,
        notices=notices,
    )


def counters(standing: Standing) -> Mapping[str, float]:
    some = standing.participants.values()
    return {
        "rounds": float(max(0, standing.round)),
        "accepted": float(sum(one.accepted for one in some)),
        "refused": float(sum(one.refused for one in some)),
    }


def most_updates(standing: Standing) -> int:
    """Of one participant that count: what privacy has cost whoever it cost most."""
    return max((one.accepted for one in standing.participants.values()), default=0)


def _participant(name: str, one: Participant) -> ParticipantStanding:
    return ParticipantStanding(
        name=name,
        updates=one.accepted,
        refused=one.refused,
        records=one.records,
        base=one.base,
        staleness=one.staleness,
        last_at=None if one.last_at is None else _time(one.last_at),
        reason=one.reason,
    )


def _score(one: Model) -> ModelScore:
    return ModelScore(
        round=one.round,
        at=_time(one.at),
        updates=one.updates,
        staleness=dict(one.staleness),
        metrics=dict(one.metrics),
        site_metrics=dict(one.site_metrics),
    )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
