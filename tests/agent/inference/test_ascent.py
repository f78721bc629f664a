"""Which carrier sends what, and when a micro-batch is delivered."""

import asyncio
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.inference.ascent import Ascent, Carrier, Link
from agent.inference.batch import Departure

# The carriers hand it on and ask it nothing.
PRODUCER: Any = None
CARRIERS = 3


def departure(number: int, key: bytes | None = None) -> Departure:
    return Departure(key, str(number).encode(), [])


def ascent(link: Link, *departures: Departure) -> Ascent:
    made = Ascent(departures, link, since=0.0)
    link.put(made)
    return made


async def taken(link: Link, carrier: Carrier) -> list[Departure]:
    """What this carrier would send now."""
    taking = asyncio.ensure_future(link.take(carrier))
    await asyncio.sleep(0)
    if not taking.done():
        taking.cancel()
        return []
    return taking.result()


async def test_what_waits_goes_together() -> None:
    link = Link([PRODUCER] * CARRIERS)
    for number in range(5):
        ascent(link, departure(number))
    assert [one.value for one in await taken(link, link.carriers[1])] == [b"0", b"1", b"2", b"3", b"4"]


async def test_while_one_carrier_sends_another_takes_what_comes() -> None:
    link = Link([PRODUCER] * CARRIERS)
    waiting = [asyncio.ensure_future(link.take(carrier)) for carrier in link.carriers]
    await asyncio.sleep(0)
    for number in range(CARRIERS):
        ascent(link, departure(number))
        await asyncio.sleep(0)
        assert [one.done() for one in waiting].count(True) == number + 1


@given(st.lists(st.sampled_from([None, b"a", b"b", b"c", b"d"]), max_size=40), st.randoms())
async def test_records_of_one_key_go_by_one_carrier_in_their_order(keys: list[bytes | None], random: Any) -> None:  # noqa: ANN401
    link = Link([PRODUCER] * CARRIERS)
    sent: dict[bytes, list[tuple[int, int]]] = {}
    waiting = len(keys)
    for number, key in enumerate(keys):
        ascent(link, departure(number, key))
        if random.random() < 0.3:
            waiting -= await record(link, random.randrange(CARRIERS), sent)
    for carrier in range(CARRIERS):
        waiting -= await record(link, carrier, sent)
    assert waiting == 0
    for some in sent.values():
        assert len({carrier for carrier, _ in some}) == 1
        assert [number for _, number in some] == sorted(number for _, number in some)


async def record(link: Link, carrier: int, sent: dict[bytes, list[tuple[int, int]]]) -> int:
    found = await taken(link, link.carriers[carrier])
    for one in found:
        if one.key is not None:
            sent.setdefault(one.key, []).append((carrier, int(one.value or b"")))
    return len(found)


async def test_a_micro_batch_is_over_when_all_of_it_is_delivered() -> None:
    link = Link([PRODUCER] * CARRIERS)
    one, other = departure(1), departure(2, b"key")
    both = ascent(link, one, other)
    link.delivered([other])
    assert not both.over.is_set()
    assert both.missing() == [one]
    link.delivered([one])
    assert both.over.is_set()
    assert both.missing() == []


async def test_when_the_link_is_lost_nobody_waits_on() -> None:
    link = Link([PRODUCER] * CARRIERS)
    some = ascent(link, departure(1), departure(2))
    link.lose()
    assert some.over.is_set()
    assert some.missing() == list(some.departures)
