"""Bytes counted against the bytes that the Kafka client writes."""

from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from shared.record.headers import Header
from shared.record.size import record_size

content = st.none() | st.binary(max_size=100) | st.integers(0, 20_000).map(bytes)


@given(content, content, st.lists(st.tuples(st.text(max_size=70), st.none() | st.binary(max_size=70)), max_size=5))
def test_a_record_has_the_size_that_kafka_gives_it(key: bytes | None, value: bytes | None, sent: list[Header]) -> None:
    builder = DefaultRecordBatchBuilder(
        magic=2, compression_type=0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0,
        batch_size=2**20,
    )  # fmt: skip
    written = builder.append(0, timestamp=1, key=key, value=value, headers=sent)
    assert record_size(key, value, sent) == written.size
    assert len(builder.build()) == 61 + written.size
