import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.online.gathering import Gathering, settled
from shared.errors import DocumentError
from shared.streams.decoding import StreamDecoder, stream_decoder
from shared.streams.inputs import RawInput

OPEN = RawInput(data_type="uint8", label_type="uint8")


def gathering(size: int, *, most_rejected: float = 1.0, decoder: StreamDecoder | None = None) -> Gathering:
    return Gathering(
        number=3,
        size=size,
        most_rejected=most_rejected,
        decoder=decoder or stream_decoder(OPEN),
        positions={},
    )


@given(st.lists(st.sampled_from([b"ab", b"cd", b"", None, b"abc"]), max_size=30))
def test_every_record_is_a_row_or_rejected(values: list[bytes | None]) -> None:
    made = gathering(100)
    for offset, value in enumerate(values):
        made.add(0, [(value, b"\x01")], offset + 1)
    assert 100 - made.missing + made.rejected == len(values)
    assert made.positions == ({0: len(values)} if values else {})


def test_rows_come_in_the_order_they_were_added_and_positions_by_partition() -> None:
    made = gathering(3)
    made.add(1, [(b"ab", b"\x01"), (b"cd", b"\x02")], 7)
    made.add(0, [(b"ef", b"\x03")], 9)
    window = made.window()
    assert made.missing == 0
    assert window.head.positions == ((0, 9), (1, 7))
    assert window.labels[:, 0].tolist() == [1, 2, 3]
    assert window.inputs.tobytes() == b"abcdef"


def test_the_first_record_that_can_be_read_settles_the_shape_for_this_window_and_the_next() -> None:
    first = gathering(1)
    first.add(0, [(None, b"\x01"), (b"ab", b"\x01")], 2)
    later = gathering(2, decoder=settled(stream_decoder(OPEN), first.window()))
    later.add(0, [(b"abc", b"\x01"), (b"cd", b"\x01")], 2)
    assert (later.rejected, later.missing) == (1, 1)
    assert first.window().head.reason


def test_too_many_that_cannot_be_read_end_the_run() -> None:
    made = gathering(10, most_rejected=0.1)
    made.add(0, [(b"ab", b"\x01"), (None, b"\x01")], 2)
    with pytest.raises(DocumentError, match=r"2 records of window 3.*more than 10\.00%"):
        made.add(0, [(None, b"\x01")], 3)


def test_a_window_keeps_types() -> None:
    made = gathering(1, decoder=stream_decoder(RawInput(data_type="float32", label_type="int64")))
    made.add(0, [(np.array([1.5], np.float32).tobytes(), np.array([2], np.int64).tobytes())], 1)
    assert [one.dtype.value for one in made.window().specs] == ["float32", "int64"]
