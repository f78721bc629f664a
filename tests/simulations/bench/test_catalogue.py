"""What the bench measures is what was promised: each figure once, with these bounds."""

import pytest

from simulations.bench import catalogue
from simulations.bench.report import Better

PROMISED = {
    "throughput": (0.95, 1.2),
    "latency-p50": (1.25, 1.1),
    "latency-p99": (1.5, 1.2),
    "memory-idle": (64, 58),
    "memory-waiting": (80, 68),
    "start-new-group": (1.0, 0.5),
    "start-after-leave": (1.0, 0.5),
    "watchers": (1.5, 0.7),
    "hot-swap": (0.8, 0.95),
    "exactly-once": (0.6, 0.85),
    "stream-reading": (0.5, 0.8),
    "trainer-memory": (200, 50),
    "training-from-stream": (1.15, 1.05),
    "one-stream": (0.6, 0.4),
    "guarantee": (0.1424, 0.1),
    "federation-wire": (0.5, 0.8),
    "coordinator-memory": (229, 124),
}
FIGURES = [figure for one in catalogue.EXPERIMENTS for figure in one.figures]


def test_no_bound_was_moved() -> None:
    assert {figure.name: (figure.must, figure.aim) for figure in FIGURES} == PROMISED


def test_an_aim_is_better_than_what_must_be() -> None:
    for figure in FIGURES:
        assert (figure.aim > figure.must) is (figure.better is Better.HIGHER)


def test_names_are_unique() -> None:
    names = [one.name for one in catalogue.EXPERIMENTS] + [one.name for one in catalogue.COMPARISONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("only", "names"), [(["latency-p99"], ["latency"]), (["memory", "hops"], ["memory"])])
def test_a_figure_names_the_measurement_it_comes_from(only: list[str], names: list[str]) -> None:
    experiments, comparisons = catalogue.chosen(only)
    assert [one.name for one in experiments] == names
    assert [one.name for one in comparisons] == [name for name in only if name == "hops"]


def test_without_a_choice_everything_is_measured() -> None:
    assert catalogue.chosen(None) == (list(catalogue.EXPERIMENTS), list(catalogue.COMPARISONS))
