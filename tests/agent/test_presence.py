import pytest

from agent.clock import Clock
from agent.presence import Presence


def test_going_and_coming_back_are_said_once_each(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    times = iter([10.0, 17.5])
    presence = Presence(Clock(monotonic=lambda: next(times)))
    for _ in range(3):
        presence.lost("connection refused")
    assert not presence.is_there
    for _ in range(3):
        presence.found()
    assert presence.is_there
    assert [record.message for record in caplog.records] == [
        "control plane away; what runs keeps running",
        "control plane back",
    ]
    assert vars(caplog.records[1])["away_s"] == 7.5


def test_it_is_not_there_before_it_was_asked() -> None:
    presence = Presence(Clock())
    assert not presence.is_there
    presence.found()
    assert presence.is_there


def test_another_reason_is_news(caplog: pytest.LogCaptureFixture) -> None:
    presence = Presence(Clock())
    presence.lost("connection refused")
    presence.lost("unknown credential")
    assert [vars(record)["reason"] for record in caplog.records] == ["connection refused", "unknown credential"]
