from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st

from agent.inference.batch import Departure
from agent.inference.parcels import by_partition

keys = st.one_of(st.none(), st.binary(max_size=40))
partitions = st.integers(min_value=1, max_value=12)


@given(st.lists(keys, max_size=30), partitions, st.integers(min_value=0))
def test_a_key_goes_where_every_kafka_client_would_send_it(key_list: list[bytes | None], count: int, turn: int) -> None:
    departures = [Departure(key, b"v", []) for key in key_list]
    shares = by_partition(departures, range(count), turn)
    assert sum(map(len, shares.values())) == len(departures)
    reference = DefaultPartitioner()
    for partition, share in shares.items():
        for departure in share:
            if departure.key is not None:
                assert partition == reference(departure.key, list(range(count)), list(range(count)))


@given(st.lists(keys, max_size=30), partitions, st.integers(min_value=0))
def test_records_of_one_key_keep_their_order(key_list: list[bytes | None], count: int, turn: int) -> None:
    departures = [Departure(key, str(place).encode(), []) for place, key in enumerate(key_list)]
    for share in by_partition(departures, range(count), turn).values():
        places = [int(departure.value or b"") for departure in share]
        assert places == sorted(places)


@given(partitions)
def test_records_without_a_key_stay_together_and_take_turns(count: int) -> None:
    departures = [Departure(None, b"v", [])] * 3
    chosen = [tuple(by_partition(departures, range(count), turn)) for turn in range(count)]
    assert sorted(chosen) == [(partition,) for partition in range(count)]
