"""What a trainer is told, and what leaves of what it says."""

from agent.federation.participant.training_task import metrics


def test_only_named_metrics_leave_and_only_those_that_are_there() -> None:
    scores: dict[str, dict[str, float | None]] = {
        "edge": {"loss": 0.5, "accuracy": 0.8},
        "cloud": {"loss": 0.3, "accuracy": None},
    }
    assert metrics(("edge/accuracy", "cloud/loss", "cloud/accuracy", "fog/loss"), scores) == {
        "edge/accuracy": 0.8,
        "cloud/loss": 0.3,
    }
    assert metrics((), scores) == {}
