"""Sites are kept for the next cell that needs the same, as long as there is room."""

import pytest
from msgspec.structs import replace

from simulations.experiment.document import Experiment, Load, Tier
from simulations.running.sites import Sites

ONE = Experiment(api_version="fogline/v1", kind="experiment", name="one", tiers=(Tier(name="edge"),))
OTHER = replace(ONE, tiers=(Tier(name="cloud"),))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_site_stays_for_cells_of_its_topology_until_there_is_no_room() -> None:
    with Sites(lambda _: None, brokers_at_once=1) as sites:
        first = sites.of(ONE)
        assert sites.of(replace(ONE, load=Load(clients=7))) is first
        gone = list(first.programs.values())
        assert all(one.process.poll() is None for one in gone)
        second = sites.of(OTHER)
        assert second is not first
        assert all(one.process.poll() is not None for one in gone)
        left = list(second.programs.values())
    assert all(one.process.poll() is not None for one in left)
