import numpy as np
import pytest

from simulations.report.charts.palette import Palette, stacked
from simulations.report.content import Axis, Distribution, Distributions


def distributions(*labels: str) -> Distributions:
    series = tuple(Distribution(label=label, repetitions=(np.ones(1),)) for label in labels)
    return Distributions(name="a", title="", axis=Axis(label=""), series=series)


def test_a_series_looks_the_same_in_all_charts() -> None:
    palette = Palette.of([distributions("a", "b"), distributions("b", "c")])
    assert palette.labels == ("a", "b", "c")
    assert palette.look("b") == Palette.of([distributions("a", "b")]).look("b")


def test_no_two_of_many_series_look_alike() -> None:
    labels = tuple(map(str, range(14)))
    palette = Palette(labels)
    looks = [palette.look(label) for label in labels]
    assert len({(look.colour, look.dash) for look in looks}) == len(labels)


def test_what_is_only_over_time_has_its_place_in_its_strip() -> None:
    palette = Palette(("cloud only",))
    assert palette.look("p99", among=("p50", "p99")).colour != palette.look("p50", among=("p50", "p99")).colour


def test_an_unknown_label_is_refused() -> None:
    with pytest.raises(ValueError, match="not in"):
        Palette(()).look("a")


def test_parts_of_latency_have_the_same_colours_in_every_order() -> None:
    ahead, back = stacked(("waiting", "computing")), stacked(("computing", "waiting"))
    assert ahead == back[::-1]
    assert len(set(stacked(tuple("abcdefg")))) == 7
