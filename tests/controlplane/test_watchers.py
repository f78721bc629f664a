"""The board: the latest assignment to whoever waits, and an end to those who must not wait."""

from controlplane.watchers import Board, Posting
from shared.documents import Assignment, decode


def posting(generation: int, *revisions: str, node: str = "edge-1") -> Posting:
    return Posting(node=node, generation=generation, revisions=revisions)


async def test_a_posting_wakes_the_streams_of_its_node_alone() -> None:
    board = Board()
    with board.listening("edge-1") as one, board.listening("edge-1") as two, board.listening("edge-2") as other:
        board.post([posting(1)], {})
        assert [event.is_set() for event in (one, two, other)] == [True, True, False]


def test_an_assignment_holds_its_workloads_as_they_are() -> None:
    board = Board()
    board.post([posting(3, "a", "b")], {"a": b'{"kind":"x","id":"1"}', "b": b'{"kind":"y"}'})
    current = board.posting("edge-1")
    assert current is not None
    assignment = decode(board.assignment(current), Assignment)
    assert (assignment.node, assignment.generation) == ("edge-1", 3)
    assert [bytes(raw) for raw in assignment.workloads] == [b'{"kind":"x","id":"1"}', b'{"kind":"y"}']


def test_documents_nobody_needs_are_forgotten() -> None:
    board = Board()
    board.post([posting(1, "a"), posting(1, "a", node="edge-2")], {"a": b"1"})
    board.post([posting(2, "b")], {"b": b"2"})
    other = board.posting("edge-2")
    assert other is not None
    assert b"[1]" in board.assignment(other)
    board.post([posting(2, "b", node="edge-2")], {})
    assert set(board._documents) == {"b"}


def test_nothing_is_posted_for_who_was_taken_down_or_when_closed() -> None:
    board = Board()
    board.post([posting(1), posting(1, node="edge-2")], {})
    board.take_down("edge-1")
    assert board.posting("edge-1") is None
    board.close()
    assert board.posting("edge-2") is None
