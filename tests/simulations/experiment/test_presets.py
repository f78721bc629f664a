import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DocumentError
from simulations.experiment.document import Jitter, Link
from simulations.experiment.presets import PRESETS, UNLIMITED, resolved
from simulations.experiment.quantities import Bandwidth, Duration, Share

ENDS = ("edge", "cloud")
GIVEN = {
    "latency": (Duration(0.3), "latency_s"),
    "jitter": (Duration(0.03), "jitter_s"),
    "distribution": (Jitter.UNIFORM, "distribution"),
    "bandwidth_down": (Bandwidth(77.0), "down_bytes_per_s"),
    "loss": (Share(0.03), "loss"),
}


def test_the_presets_are_those_that_the_docs_promise() -> None:
    assert set(PRESETS) == {"lan", "wifi", "4g", "5g", "wan", "satellite"}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_says_where_it_comes_from_and_is_possible(name: str) -> None:
    preset = PRESETS[name]
    assert re.search(r"\b(19|20)\d\d\b", preset.source)
    assert preset.latency_s > 0
    assert preset.jitter_s >= 0
    assert 0 < preset.up_bytes_per_s <= preset.down_bytes_per_s < math.inf
    assert 0 <= preset.loss < 1


@given(st.sampled_from(sorted(PRESETS)), st.sets(st.sampled_from(sorted(GIVEN))))
def test_what_is_said_wins_over_the_preset(name: str, said: set[str]) -> None:
    link = Link(between=ENDS, preset=name, **{field: GIVEN[field][0] for field in said})  # type: ignore[arg-type]  # by field
    found = resolved(link)
    for field, (value, resolved_field) in GIVEN.items():
        expected = value if field in said else getattr(PRESETS[name], resolved_field)
        assert getattr(found, resolved_field) == expected
    assert found.up_bytes_per_s == PRESETS[name].up_bytes_per_s


def test_a_bandwidth_alone_holds_both_ways() -> None:
    found = resolved(Link(between=ENDS, preset="4g", bandwidth=Bandwidth(10.0)))
    assert (found.up_bytes_per_s, found.down_bytes_per_s) == (10.0, 10.0)


def test_a_link_without_a_preset_adds_only_what_it_says() -> None:
    found = resolved(Link(between=ENDS, latency=Duration(0.02)))
    assert (found.name, found.latency_s, found.jitter_s, found.loss) == ("edge-cloud", 0.02, 0.0, 0.0)
    assert (found.up_bytes_per_s, found.down_bytes_per_s) == (UNLIMITED, UNLIMITED)


def test_an_unknown_preset_is_told_with_those_there_are() -> None:
    with pytest.raises(DocumentError, match=r"6g.*satellite") as raised:
        resolved(Link(between=ENDS, preset="6g"))
    assert raised.value.field == "links.edge-cloud.preset"
