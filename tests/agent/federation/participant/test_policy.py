"""What a site has not accepted does not happen there."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agent.federation.participant.policy import NOTHING, Asked, Policy, may_go_on, refusals
from shared.documents import decode
from shared.errors import DocumentError

ONE, OTHER = "1" * 64, "2" * 64
ASKED = Asked(federation="clothes", sources=(ONE,), norm=1.0, noise=0.5)
POLICY = Policy(federations=("clothes", "digits"), sources=(ONE,), most_norm=1.0, least_noise=0.5)


def test_what_was_accepted_is_done() -> None:
    assert refusals(POLICY, ASKED) == ()
    assert refusals(replace(POLICY, sources="any"), replace(ASKED, sources=(OTHER,))) == ()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (replace(ASKED, federation="other"), "federations: 'other' is not among those accepted: clothes, digits"),
        (replace(ASKED, sources=(ONE, OTHER)), f"sources: nobody here has accepted the network {OTHER}"),
        (replace(ASKED, norm=1.1), "most_norm: 1.1 is asked for, and 1 is the longest that leaves"),
        (replace(ASKED, norm=None), "most_norm: no clipping is asked for"),
        (replace(ASKED, noise=0.4), "least_noise: 0.4 is asked for, and 0.5 is the least that is added"),
    ],
)
def test_what_was_not_is_refused_with_the_field_that_says_so(asked: Asked, field: str) -> None:
    (reason,) = refusals(POLICY, asked)
    assert reason.startswith(field)


@given(st.builds(Asked, federation=st.just("clothes"), sources=st.lists(st.just(ONE)).map(tuple)))
def test_who_has_said_nothing_accepts_nothing(asked: Asked) -> None:
    assert refusals(NOTHING, asked)


@given(st.floats(0.1, 9), st.floats(0, 9), st.floats(0.1, 9), st.floats(0, 9))
def test_a_stricter_policy_never_accepts_more(norm: float, noise: float, stricter: float, more: float) -> None:
    asked = replace(ASKED, norm=norm, noise=noise)
    strict = replace(POLICY, most_norm=min(stricter, 1.0), least_noise=max(more, 0.5))
    assert not refusals(strict, asked) <= () or not refusals(POLICY, asked)


@pytest.mark.parametrize(
    ("hours", "now", "may"),
    [
        (("22:00-06:00",), "21:59", False),
        (("22:00-06:00",), "22:00", True),
        (("22:00-06:00",), "05:59", True),
        (("22:00-06:00",), "06:00", False),
        (("12:00-13:00", "18:00-24:00"), "12:30", True),
        (("12:00-13:00", "18:00-24:00"), "23:59", True),
        (("12:00-13:00", "18:00-24:00"), "13:00", False),
        ((), "03:00", True),
    ],
)
def test_hours_are_kept(hours: tuple[str, ...], now: str, may: bool) -> None:
    said = may_go_on(replace(POLICY, hours=hours), now=datetime.strptime(now, "%H:%M"), sent_today=0)  # noqa: DTZ007
    assert (said == "") is may
    assert may or said.startswith(f"hours: it is {now}")


def test_what_was_sent_today_is_counted() -> None:
    policy, now = replace(POLICY, bytes_a_day=1000), datetime(2026, 1, 1)  # noqa: DTZ001 - by the site's own clock
    assert may_go_on(policy, now=now, sent_today=999) == ""
    assert may_go_on(policy, now=now, sent_today=1000) == "bytes_a_day: 1,000 of 1,000 bytes were sent today"


@pytest.mark.parametrize("hours", ["25:00-26:00", "8-9", "08:00-09:60", "08:00-09:00\n"])
def test_hours_that_are_none_are_refused(hours: str) -> None:
    with pytest.raises(DocumentError):
        decode(f'{{"hours": ["{hours}"]}}'.replace("\n", "\\n"), Policy)
