"""A federation as a control plane shows it, at any time of its life."""

from shared.documents.federation import Federation, Privacy, Rounds, Stop, StrategyChoice
from shared.documents.federation_workloads import (
    FederationProgress,
    FederationState,
    FederationView,
    ModelScore,
    ParticipantStanding,
    SiteView,
)

BEGAN = "2026-01-01T00:00:00Z"
WANTED = Federation(
    name="digits",
    network="lenet",
    cluster="platform",
    strategy=StrategyChoice(name="fedbuff"),
    rounds=Rounds(updates=2),
    stop=Stop(rounds=20),
    privacy=Privacy(norm=1.0, noise=0.5, most_epsilon=8.0),
)


def score(round_number: int) -> ModelScore:
    return ModelScore(
        round=round_number,
        at=f"2026-01-01T00:{round_number:02}:00Z",
        updates=2,
        staleness={"east": 0, "west": round_number % 3},
        metrics={"cloud/accuracy": 0.5 + round_number / 100, "cloud/loss": 1 / round_number},
        site_metrics={"cloud/accuracy": 0.4 + round_number / 100},
    )


def view(rounds: int = 3, state: FederationState = FederationState.RUNNING, **fields: object) -> FederationView:
    east = ParticipantStanding(
        name="east", updates=rounds, records=6000, base=rounds - 1, last_at=f"2026-01-01T00:{rounds:02}:00Z"
    )
    west = ParticipantStanding(name="west", refused=1, reason="tensor 'w' holds NaN or infinities, 1 of 9 elements")
    gone = ParticipantStanding(name="south", updates=1, records=10, base=0)
    progress = FederationProgress(
        round=rounds,
        accepted=1,
        awaited=2,
        participants=(east, west, gone),
        history=tuple(score(number) for number in range(1, rounds + 1)),
        epsilon=2.345,
        notices=("the deadline passed twice",),
    )
    sites = (
        SiteView(node="east", phase="running", standing=east),
        SiteView(node="west", phase="failed", reason="federations: 'digits' is not among those", standing=west),
    )
    known: dict[str, object] = {"progress": progress, "sites": sites, "coordinator": "hub", "created_at": BEGAN}
    return FederationView(federation=WANTED, edition=2, state=state, **{**known, **fields})  # type: ignore[arg-type]
