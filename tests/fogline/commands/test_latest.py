"""Of a list that grows for ever the latest are shown, and that there are more is said."""

import pytest

from fogline.commands.latest import latest
from tests.fogline.commands.conftest import Asked


@pytest.mark.parametrize(
    ("there", "limit", "shown", "is_said"), [(100, None, 100, False), (101, None, 100, True), (300, 200, 200, False)]
)
def test_that_more_are_there_is_said_to_who_did_not_say_how_many(
    there: int, limit: int | None, shown: int, is_said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    found = latest(lambda most: tuple(range(there, 0, -1))[:most], limit)
    assert found == tuple(range(there, there - shown, -1))
    assert ("these are the latest 100; --limit shows more" in capsys.readouterr().err) == is_said


def test_runs_and_streams_are_listed_the_latest_first_and_as_many_as_asked_for(asked: Asked) -> None:
    runs = [asked.announced(start=start) for start in range(3)]
    shown = asked.fogline("runs", "list", "--request", asked.name, "--limit", 2, "--json").document["items"]
    assert [one["id"] for one in shown] == [runs[2].id, runs[1].id]
    shown = asked.fogline("streams", "list", "--cluster", asked.name, "--limit", 1, "--json").document["items"]
    assert len(shown) == 1
    assert asked.fogline("streams", "list", "--cluster", f"{asked.name}-x", "--json").document == {"items": []}


def test_following_all_runs_of_a_request_is_cut_by_nothing_but_a_limit(asked: Asked) -> None:
    first, last = [asked.announced(start=start) for start in range(2)]
    asked.node.report(failed={first.id: "no"})
    asked.fogline("runs", "cancel", last.id)
    for limit, failed in ((), [first.id, last.id]), (("--limit", 1), [last.id]):
        follow = ("runs", "list", "--request", asked.name, "--follow", *limit, "--deadline", 30, "--json")
        assert sorted({one["id"] for one in asked.fogline(*follow).lines}) == failed
