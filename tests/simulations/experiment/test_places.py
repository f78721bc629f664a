from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import DocumentError
from simulations.experiment.document import CLIENTS, Experiment
from simulations.experiment.places import path, places
from tests.simulations.experiment.written import experiment


@st.composite
def lines(draw: st.DrawFn) -> Experiment:
    """Some tiers, some of the neighbours joined."""
    names = [f"tier-{number}" for number in range(draw(st.integers(1, 6)))]
    line = [CLIENTS, *names]
    joined = [list(ends) for ends in pairwise(line) if draw(st.booleans())]
    return experiment(tiers=[{"name": name} for name in names], links=[{"between": ends} for ends in joined])


@given(lines(), st.data())
def test_the_way_back_crosses_the_same_links_the_other_way_round(line: Experiment, data: st.DataObject) -> None:
    one, other = (data.draw(st.sampled_from((CLIENTS, *places(line)))) for _ in range(2))
    assert path(line, other, one) == path(line, one, other)[::-1]


@given(lines(), st.data())
def test_a_way_is_the_way_to_a_place_between_and_on_from_there(line: Experiment, data: st.DataObject) -> None:
    there = places(line)
    low, middle, high = sorted(data.draw(st.integers(0, len(there) - 1)) for _ in range(3))
    whole = path(line, there[low], there[high])
    assert whole == path(line, there[low], there[middle]) + path(line, there[middle], there[high])


@given(lines())
def test_from_the_clients_to_the_last_tier_all_links_are_crossed(line: Experiment) -> None:
    assert path(line, CLIENTS, line.tiers[-1].name) == tuple(link.name for link in line.links)


def test_clients_that_no_link_names_are_at_the_first_tier() -> None:
    line = experiment(links=[{"between": ["edge", "cloud"]}])
    assert places(line) == ("edge", "cloud")
    assert path(line, CLIENTS, "edge") == ()
    assert path(line, CLIENTS, "cloud") == ("edge-cloud",)


def test_a_place_that_is_not_there_is_named() -> None:
    with pytest.raises(DocumentError, match="'fog', only edge, cloud"):
        path(experiment(), "edge", "fog")


def test_places_may_be_named_and_need_no_tier() -> None:
    line = experiment(
        places=["edge", "fog", "cloud"],
        tiers=[{"name": "cloud"}],
        links=[{"between": ["edge", "fog"]}, {"between": ["fog", "cloud"]}],
    )
    assert places(line) == ("edge", "fog", "cloud")
    assert path(line, CLIENTS, "cloud") == ("edge-fog", "fog-cloud")
