import msgspec

from agent.status_reporter import Outbox
from shared.documents import NodeFacts, NodeReport

REPORT = NodeReport(node="n", boot_id="1-x", sequence=0, observed_generation=1, highest_generation=1, facts=NodeFacts())
LATER = msgspec.structs.replace(REPORT, observed_generation=2)


def test_what_says_the_same_keeps_its_number() -> None:
    outbox = Outbox()
    first = outbox.numbered(REPORT)
    assert first == msgspec.structs.replace(REPORT, sequence=1)
    assert outbox.numbered(REPORT) == first


def test_what_says_something_else_has_the_next_number() -> None:
    outbox = Outbox()
    outbox.numbered(REPORT)
    assert outbox.numbered(LATER) == msgspec.structs.replace(LATER, sequence=2)


def test_what_goes_back_to_how_it_was_is_told_again() -> None:
    outbox = Outbox()
    assert [outbox.numbered(one).sequence for one in (REPORT, LATER, REPORT)] == [1, 2, 3]
