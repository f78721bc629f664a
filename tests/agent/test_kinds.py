"""Which kinds of workload an agent knows, and that a node pays only for those it is given."""

from agent.kinds import kinds


def test_a_kind_whose_packages_are_missing_is_not_known_here_and_the_others_are() -> None:
    everything = kinds(is_installed=lambda _: True)
    without = kinds(is_installed=lambda package: package != "safetensors")
    assert everything.keys() - without.keys() == {"coordinator", "participant"}
    assert {"inference", "training"} <= without.keys()


def test_every_kind_is_found_where_it_is_said_to_be() -> None:
    assert all(callable(kind.load()) for kind in kinds().values())
