import pytest

from shared.errors import SettingsError
from simulations.links.measure import LINE, beside_kernel, precision


@pytest.mark.slow
def test_the_added_delay_is_the_models_even_on_a_busy_machine() -> None:
    """`python -m simulations.links.measure` has the figures; here only that the model is what happens."""
    found = precision(5.0, rounds=1, round_s=2.0).typical
    assert found.messages == 892
    assert found.p50_ms < LINE.latency * 1e3 / 4


@pytest.mark.slow
def test_a_line_carries_what_the_kernels_token_bucket_of_its_bandwidth_does() -> None:
    try:
        bucket, line = beside_kernel(1e7 / 8)
    except SettingsError as error:
        # Without root or iproute2 there is none to compare with, and who asks is told what failed.
        assert "failed:" in str(error) or "cannot" in str(error)
        return
    assert line / bucket == pytest.approx(1.0, rel=0.08)
