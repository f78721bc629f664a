import msgspec

from agent.status_reporter import Outbox
from shared.documents import NodeFacts, NodeReport

REPORT = NodeReport(node="n", boot_id="1-x", sequence=0, observed_generation=1, highest_generation=1, facts=NodeFacts())
LATER = msgspec.structs.replace(REPORT, observed_generation=2)


def test_a_report_is_due_until_it_is_acknowledged() -> None:
    outbox = Outbox()
    first, again = outbox.due(REPORT), outbox.due(REPORT)
    assert first is not None
    assert first == again
    outbox.acknowledge(first.sequence)
    assert outbox.due(REPORT) is None


def test_a_newer_report_replaces_the_one_that_did_not_arrive() -> None:
    outbox = Outbox()
    first, second = outbox.due(REPORT), outbox.due(LATER)
    assert first is not None
    assert second is not None
    assert second.sequence > first.sequence
    outbox.acknowledge(first.sequence)
    assert outbox.due(LATER) == second


def test_what_goes_back_to_how_it_was_is_told_again() -> None:
    outbox = Outbox()
    for report in (REPORT, LATER):
        due = outbox.due(report)
        assert due is not None
        outbox.acknowledge(due.sequence)
    assert outbox.due(REPORT) is not None
