import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.documents.codec import encode
from shared.errors import DocumentError
from simulations.links.control import Command, Cut, Mend, Report, Slow, parse, written

LINKS = frozenset({"a", "b"})


@pytest.mark.parametrize("command", [Cut(link="a"), Mend(link="b"), Slow(link="a", factor=2.5), Report()])
def test_a_command_is_understood_as_it_was_written(command: Command) -> None:
    assert parse(encode(written(command)), LINKS) == command


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b'{"cut": "c"}', b'{"cut": "a", "mend": "a"}', b'{"slow": "a", "factor": 0}', b'{"report": false}'],
)
def test_anything_else_is_refused(line: bytes) -> None:
    with pytest.raises(DocumentError):
        parse(line, LINKS)


@given(st.binary(max_size=100))
def test_garbage_is_refused_and_nothing_else_happens(line: bytes) -> None:
    with pytest.raises(DocumentError):
        parse(line, frozenset())
