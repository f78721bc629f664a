"""Long lists are asked for page after page, and no further than somebody wants them."""

import json

import pytest

from shared.client.flow import Answer, Call
from shared.client.pages import MOST, latest
from shared.documents import Message
from tests.shared.client.stage import Rehearsal

THERE = 2 * MOST + 5


class One(Message, frozen=True, kw_only=True):
    number: int


def answer(call: Call[object]) -> Answer:
    """As the control plane does it, of numbers from the highest down."""
    above, limit = int(call.query.get("before", THERE + 1)), int(call.query["limit"])
    numbers = range(above - 1, max(0, above - 1 - limit), -1)
    following = {"next": str(numbers[-1])} if numbers[-1] > 1 else {}
    page = {"items": [{"number": number} for number in numbers], **following}
    return Answer(status=200, headers={}, body=json.dumps(page).encode())


@pytest.mark.parametrize(
    ("limit", "found", "calls"),
    [(None, THERE, 3), (7, 7, 1), (MOST, MOST, 1), (MOST + 1, MOST + 1, 2), (9999, THERE, 3)],
)
def test_as_many_are_asked_for_as_are_wanted(limit: int | None, found: int, calls: int) -> None:
    client = Rehearsal(answer)
    numbers = [one.number for one in client.run(latest(One, "/numbers", {"of": "all", "in": None}, limit=limit))]
    assert numbers == list(range(THERE, THERE - found, -1))
    assert len(client.calls) == calls
    assert all(call.query["of"] == "all" and "in" not in call.query for call in client.calls)


def test_a_control_plane_without_pages_gives_all_at_once() -> None:
    body = json.dumps({"items": [{"number": number} for number in range(5)]}).encode()
    client = Rehearsal(lambda _: Answer(status=200, headers={}, body=body))
    assert len(client.run(latest(One, "/numbers", {}, limit=3))) == 3
