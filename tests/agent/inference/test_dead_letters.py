"""What stands on the dead-letter topic."""

from agent.inference.batch import Departure
from agent.inference.dead_letters import ERROR, undeliverable

TOO_MANY = b"its bytes are left out, for they are too many: no"


def test_a_dead_letter_that_is_too_large_keeps_its_own_reason_and_all_but_its_bytes() -> None:
    letter = Departure(b"key", b"value", [("mine", b"1"), (ERROR, b"not JSON")])
    assert undeliverable(letter, reason="no") == Departure(
        b"key", b"", [("mine", b"1"), (ERROR, b"not JSON; " + TOO_MANY)]
    )


def test_an_answer_that_is_too_large_says_only_that() -> None:
    assert undeliverable(Departure(None, b"{}", []), reason="no") == Departure(None, b"", [(ERROR, TOO_MANY)])


def test_a_sender_s_own_header_of_that_name_may_hold_anything() -> None:
    (header,) = undeliverable(Departure(None, b"", [(ERROR, b"\xff")]), reason="no").headers
    assert header == (ERROR, b"\\xff; " + TOO_MANY)
