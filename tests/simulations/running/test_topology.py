"""Who comes to which cluster over which links."""

from msgspec.structs import replace

from simulations.experiment.document import CLIENTS, Experiment, Link, Tier
from simulations.experiment.quantities import Bandwidth, Duration
from simulations.kafka.config import Door
from simulations.links.settings import problems
from simulations.running.topology import clients_place, doors, shaped, ways

TIERS = (Tier(name="edge"), Tier(name="fog"), Tier(name="cloud"))
NEAR = Link(between=("edge", "fog"), latency=Duration(0.01))
FAR = Link(between=("fog", "cloud"), latency=Duration(0.04), bandwidth=Bandwidth(1e6), bandwidth_down=Bandwidth(2e6))


def experiment(*links: Link) -> Experiment:
    return Experiment(api_version="fogline/v1", kind="experiment", name="one", tiers=TIERS, links=links)


def test_a_way_crosses_every_link_between() -> None:
    crossed = {(way.place, way.tier): way.links for way in ways(experiment(NEAR, FAR))}
    assert crossed == {
        ("edge", "fog"): ("edge-fog",),
        ("edge", "cloud"): ("edge-fog", "fog-cloud"),
        ("fog", "cloud"): ("fog-cloud",),
    }


def test_clients_without_a_link_are_at_the_first_tier() -> None:
    assert clients_place(experiment(NEAR)) == "edge"
    assert clients_place(experiment(Link(between=(CLIENTS, "edge"), preset="wifi"))) == CLIENTS


def test_only_who_comes_over_a_link_needs_a_door() -> None:
    assert doors(experiment(FAR), "fog") == ()
    assert doors(experiment(FAR), "cloud") == ("FROM_EDGE", "FROM_FOG")


def test_the_shaper_listens_where_the_brokers_say_they_are() -> None:
    opened = {
        "edge": {},
        "fog": {},
        "cloud": {"FROM_EDGE": (Door(port=1, advertised=2),), "FROM_FOG": (Door(port=3, advertised=4),)},
    }
    settings = shaped(experiment(FAR), opened)
    assert {(one.listen_port, one.target_port, one.links) for one in settings.routes} == {
        (2, 1, ("fog-cloud",)),
        (4, 3, ("fog-cloud",)),
    }
    (link,) = settings.links
    assert (link.up.latency, link.up.bandwidth, link.down.bandwidth) == (0.04, 1e6, 2e6)
    assert not list(problems(settings))


def test_where_nobody_is_no_way_begins() -> None:
    cloud_only = replace(experiment(NEAR, FAR), places=("edge", "fog", "cloud"), tiers=(Tier(name="cloud"),))
    (way,) = ways(cloud_only)
    assert (way.place, way.tier, way.links) == ("edge", "cloud", ("edge-fog", "fog-cloud"))
