"""Exits are shown from the sensor up, whatever the order of a document's map."""

from fogline.tables.runs import by_exit, in_order


def test_exits_are_shown_from_the_sensor_up_and_those_nobody_named_last() -> None:
    found = {"cloud": 0.9, "edge": 0.7, "fog": 0.8}
    assert by_exit(in_order(found, ("edge", "fog", "cloud"))) == "edge 70.0%, fog 80.0%, cloud 90.0%"
    assert by_exit(in_order(found, ("fog", "gone"))) == "fog 80.0%, cloud 90.0%, edge 70.0%"
