import pytest

from simulations.report.content import Report, Section, Table


def table(name: str) -> Table:
    return Table(name=name, title="", columns=(), rows=())


@pytest.mark.parametrize("name", ["", "Latency", "a b", "../a", "a.svg", "a/b", "-a", "a\n"])
def test_a_name_that_is_no_file_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="lower-case letters"):
        table(name)


def test_a_name_used_twice_is_refused() -> None:
    sections = (Section(title="", items=(table("a"), table("b"))), Section(title="", items=(table("a"),)))
    with pytest.raises(ValueError, match="used twice in one report: a"):
        Report(title="", lead="", facts=(), sections=sections, manifest=(), experiment="")
