import pytest

from simulations.links.measure import LINE, precision


@pytest.mark.slow
def test_the_added_delay_is_the_models_even_on_a_busy_machine() -> None:
    """`python -m simulations.links.measure` has the figures; here only that the model is what happens."""
    found = precision(5.0, rounds=1, round_s=2.0).typical
    assert found.messages == 892
    assert found.p50_ms < LINE.latency * 1e3 / 4
