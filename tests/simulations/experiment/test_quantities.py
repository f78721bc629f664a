import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.quantities import Bandwidth, Duration, Quantity, Rate, Share, from_document

KINDS: list[type[Quantity]] = [Bandwidth, Duration, Rate, Share]


@pytest.mark.parametrize(
    ("kind", "text", "size"),
    [
        (Duration, "20 ms", 0.02),
        (Duration, " 1.5min ", 90.0),
        (Bandwidth, "8 kbit/s", 1000.0),
        (Rate, "30 /min", 0.5),
        (Share, "0.5 %", 0.005),
        (Duration, "1e-3 s", 0.001),
        (Duration, "2e+1 s", 20.0),
    ],
)
def test_a_number_with_its_unit_is_a_size_in_the_unit_of_the_kind(kind: type[Quantity], text: str, size: float) -> None:
    assert kind.parse(text) == pytest.approx(size, rel=1e-15)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrong", ["20", 20, "20 parsecs", "-1 s", "", None, "1e s", "nan s", True])
def test_what_is_no_number_with_a_unit_is_refused_with_an_example(kind: type[Quantity], wrong: object) -> None:
    with pytest.raises(ValueError, match=kind.EXAMPLE):
        kind.parse(wrong)


def test_more_than_everything_is_no_share_and_infinity_no_duration() -> None:
    with pytest.raises(ValueError, match="more than any share"):
        Share.parse("101 %")
    with pytest.raises(ValueError, match="more than any duration"):
        Duration.parse("1e999 s")


@given(st.sampled_from(KINDS), st.data())
def test_every_unit_of_every_kind_is_read_back(kind: type[Quantity], data: st.DataObject) -> None:
    unit = data.draw(st.sampled_from(sorted(kind.UNITS)))
    number = data.draw(st.integers(min_value=0, max_value=100))
    assert kind.parse(f"{number} {unit}") == pytest.approx(number * kind.UNITS[unit])


def test_a_quantity_stays_itself_when_it_is_decoded_again() -> None:
    assert from_document(Duration, Duration(0.3)) == Duration(0.3)
    with pytest.raises(ValueError, match="needs a number"):
        from_document(Duration, Rate(0.3))
