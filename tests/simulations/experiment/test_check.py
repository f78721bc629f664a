from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiment.check import problems
from simulations.experiment.document import Experiment
from simulations.experiment.presets import PRESETS
from simulations.experiment.read import parse
from tests.simulations.experiment.written import TWO_TIERS, experiment

LINK = {"between": ["edge", "cloud"]}
CUT = {"at": "1 s", "kind": "cut", "on": "link:edge-cloud"}
SWAP = {"at": "2 s", "kind": "swap", "on": "deployment"}


def load(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a load
    return {"load": parts}


def link(**parts: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"links": [LINK | parts]}


def search(**parts: Any) -> dict[str, Any]:  # noqa: ANN401 - any part of a search
    usual = {"setting": "load.rate", "low": "5 /s", "high": "400 /s", "sustained": {"throughput": "95 %"}}
    return {"search": usual | parts}


def fault(**parts: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"links": [LINK], "faults": [CUT | parts]}


def planted(*shares: str) -> dict[str, Any]:
    return {"network": {"planted": {"shares": list(shares)}}}


def errors(there: Experiment) -> dict[str, str]:
    return {problem.field: problem.text for problem in problems(there) if not problem.is_warning}


def warnings(there: Experiment) -> dict[str, str]:
    return {problem.field: problem.text for problem in problems(there) if problem.is_warning}


@pytest.mark.parametrize("there", [experiment(), parse(TWO_TIERS)])
def test_an_experiment_in_order_has_no_problems(there: Experiment) -> None:
    assert problems(there) == ()


@pytest.mark.parametrize(
    ("parts", "field", "text"),
    [
        ({"tiers": [{"name": "edge"}, {"name": "edge"}]}, "tiers.edge", "twice"),
        ({"tiers": [{"name": "clients"}]}, "tiers.clients", "clients' own place"),
        ({"delivery": "exactly_once"}, "delivery", "no two clusters"),
        (planted("50 %", "20 %"), "network.planted.shares", "2 shares for 1 tiers"),
        (planted(), "network.planted.shares", "0 shares for 1 tiers"),
        ({"tiers": [{"name": "edge"}, {"name": "cloud"}]} | planted("50 %"), "tiers.edge.exit", "planted 0.5"),
        ({"places": ["edge", "edge", "cloud"]}, "places", "'edge' twice"),
        ({"places": ["edge", "fog"]}, "tiers.cloud", "at no place"),
        ({"places": ["cloud", "edge"]}, "tiers", "order of the places"),
        (link(between=["edge", "fog"]), "links.edge-fog.between", "'fog'"),
        (link(between=["cloud", "edge"]), "links.cloud-edge.between", "farther place first"),
        (link(between=["edge", "edge"]), "links.edge-edge.between", "no neighbours"),
        (link(between=["clients", "cloud"]), "links.clients-cloud.between", "no neighbours"),
        ({"links": [LINK, LINK]}, "links.edge-cloud", "same places"),
        (link(latency="2 h"), "links.edge-cloud.latency", "an hour"),
        (link(preset="6g"), "links.edge-cloud.preset", "6g"),
        (link(bandwidth="0 bit/s"), "links.edge-cloud.bandwidth", "nothing through"),
        (link(bandwidth_down="0 bit/s"), "links.edge-cloud.bandwidth_down", "nothing through"),
        (link(loss="100 %"), "links.edge-cloud.loss", "everything"),
        (load(arrivals="burst"), "load.records", "missing"),
        (load(records=1), "load.rate", "missing"),
        (load(arrivals="uniform", records=1), "load.rate", "missing"),
        (load(rate="0 /s", records=1), "load.rate", "nothing"),
        (load(rate="1 /s"), "load", "never ends"),
        (load(rate="1 /s", records=1, duration="1 s"), "load.duration", "both"),
        (load(rate="1 /s", duration="0 s"), "load.duration", "no time"),
        (load(arrivals="trace"), "load.trace", "missing"),
        (load(arrivals="burst", records=1, patience="0 s"), "load.patience", "lost"),
        (load(arrivals="burst", records=1, warm_up="1 s"), "load.warm_up", "nothing would be counted"),
        (load(rate="1 /s", duration="5 s", warm_up="5 s"), "load.warm_up", "nothing would be counted"),
        (load(rate="1 /s", records=5, warm_up="5 s"), "load.warm_up", "nothing would be counted"),
        (load(rate="1e300 /s", duration="1 h"), "load", "3.6e+303 records"),
        (load(arrivals="burst", clients=100_001, records=1_000), "load", "1e+08 records"),
        (fault(on="edge"), "faults.0.on", "none of"),
        (fault(on="link:edge-fog"), "faults.0.on", "no link 'edge-fog'"),
        (fault(kind="kill", on="agent:fog-1"), "faults.0.on", "no tier 'fog'"),
        (fault(kind="kill", on="agent:edge-2"), "faults.0.on", "edge has 1 agents"),
        (fault(kind="kill", on="broker:edge-2"), "faults.0.on", "edge has 1 brokers"),
        (fault(kind="kill"), "faults.0.kind", "cannot happen"),
        (fault(on="control-plane"), "faults.0.kind", "cannot happen"),
        (fault(kind="swap"), "faults.0.kind", "cannot happen"),
        (fault(on="deployment"), "faults.0.kind", "cannot happen"),
        (
            {"faults": [{"at": "1 s", "kind": "pause", "on": "control-plane"}, SWAP]},
            "faults.1.at",
            "nobody can ask",
        ),
        (fault(kind="mend"), "faults.0.kind", "there already"),
        (fault(kind="restart", on="agent:edge-1"), "faults.0.kind", "there already"),
        (search(setting="load.rat"), "search.setting", "unknown field `rat`"),
        (search(setting="repetitions", low=1, high=2), "search.setting", "the same for all cells"),
        (search(setting="load.clients", low=1, high=2.5), "search.high", "Expected `int`"),
        (search() | {"sweep": {"grid": {"load.rate": ["5 /s"]}}}, "search.setting", "swept too"),
        (search(low="fast"), "search.low", "no number"),
        (search(low="0 /s"), "search.low", "not more than 0"),
        (search(high="5 /s"), "search.low", "not less"),
        (search(high="5 /h"), "search.high", "another unit"),
        (search(tolerance="0.5 %"), "search.tolerance", "less than 1%"),
        (search(sustained={}), "search.sustained", "asks for nothing"),
        (search(sustained={"p99": "0 s"}), "search.sustained.p99", "decides nothing"),
        (search(sustained={"throughput": "0 %"}), "search.sustained.throughput", "decides nothing"),
        (
            search(setting="load.clients", low=1, high=9) | load(arrivals="burst", records=9),
            "search.sustained.throughput",
            "offered at once",
        ),
        (
            search(setting="load.clients", low=1, high=9) | load(duration="9 s"),
            "load.rate",
            "missing for poisson arrivals (first with load.clients = 1)",
        ),
        ({"sweep": {"grid": {"load.clients": []}}}, "sweep.grid.load.clients", "no values"),
        ({"sweep": {"grid": {"load.clients": [1, 1]}}}, "sweep.grid.load.clients", "twice"),
        ({"sweep": {"grid": {"load.client": [1]}}}, "load.client", "unknown field"),
        ({"sweep": {"grid": {"seed": [1]}, "list": [{"seed": 2}]}}, "seed", "set twice"),
    ],
)
def test_an_error_is_told_at_its_field(parts: dict[str, Any], field: str, text: str) -> None:
    assert text in errors(experiment(**parts))[field]


@pytest.mark.parametrize(
    ("parts", "field", "text"),
    [
        ({"tiers": [{"name": "edge", "replicas": 3, "partitions": 2}]}, "tiers.edge.replicas", "3 replicas share 2"),
        (planted("100 %"), "network.planted.shares", "nothing for cloud"),
        (link(jitter="5 ms"), "links.edge-cloud.jitter", "below zero"),
        (link(latency="1 ms", jitter="2 ms", distribution="pareto"), "links.edge-cloud.jitter", "below zero"),
        (load(arrivals="burst", records=1, trace="times.txt"), "load.trace", "nothing for burst"),
        (load(rate="1 /s", records=1, trace="times.txt"), "load.trace", "nothing for poisson"),
        (fault(factor=2), "faults.0.factor", "nothing for cut"),
        (fault(at="2 h"), "faults.0.at", "after the last record"),
        ({"repetitions": 1}, "repetitions", "no interval"),
    ],
)
def test_a_warning_is_told_at_its_field_and_is_no_error(parts: dict[str, Any], field: str, text: str) -> None:
    there = experiment(**parts)
    assert text in warnings(there)[field]
    assert errors(there) == {}


def test_more_than_everything_cannot_leave_below_the_last_tier() -> None:
    tiers = [{"name": "edge", "exit": {}}, {"name": "fog", "exit": {}}, {"name": "cloud"}]
    assert "more than 100 %" in errors(experiment(tiers=tiers, **planted("60 %", "60 %")))["network.planted.shares"]
    assert errors(experiment(tiers=tiers, **planted("60 %", "30 %"))) == {}


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_alone_is_no_problem(name: str) -> None:
    assert problems(experiment(**link(preset=name))) == ()


def test_two_links_of_one_name_could_not_be_told_apart() -> None:
    names = ["a", "b-c", "a-b", "c"]
    links = [{"between": ends} for ends in pairwise(names)]
    assert "two links" in errors(experiment(tiers=[{"name": name} for name in names], links=links))["links.a-b-c"]


def test_a_fault_may_be_undone_after_it_was_done() -> None:
    faults = [CUT, CUT | {"at": "2 s", "kind": "mend"}, CUT | {"kind": "slow", "factor": 3}]
    program = [{"at": f"{at} s", "kind": kind, "on": "broker:edge-1"} for at, kind in enumerate(("pause", "resume"))]
    asked = [{"at": f"{at} s", "kind": kind, "on": "control-plane"} for at, kind in enumerate(("pause", "resume"))]
    assert problems(experiment(links=[LINK], faults=[*faults, *program, *asked, SWAP])) == ()


def test_a_problem_of_several_cells_is_told_once_with_the_first_of_them() -> None:
    there = experiment(sweep={"grid": {"load.clients": [1, 8], "tiers.edge.replicas": [1, 2]}})
    (found,) = problems(there)
    assert "first with load.clients = 1, tiers.edge.replicas = 2" in found.text


def test_what_a_sweep_sets_may_be_missing_from_the_file() -> None:
    there = experiment(load={"duration": "5 s"}, sweep={"grid": {"load.rate": ["1 /s", "10 /s"]}})
    assert problems(there) == ()


def test_a_sweep_of_too_many_cells_is_a_warning_and_takes_no_time_to_see() -> None:
    values = list(range(1, 1001))
    grid = {"load.clients": values, "load.records": values, "seed": values}
    there = experiment(load={"arrivals": "burst"}, sweep={"grid": grid})
    assert "1,000,000,000 cells" in warnings(there)["sweep"]
    assert errors(there) == {}


def test_what_is_searched_for_may_be_missing_from_the_file() -> None:
    assert problems(experiment(**search(), load={"duration": "5 s"}, sweep={"grid": {"load.clients": [1, 2]}})) == ()


@given(st.data())
def test_every_problem_has_a_field_a_text_and_a_remedy(data: st.DataObject) -> None:
    cases = [link(loss="100 %"), load(rate="0 /s"), fault(on="agent:fog-9"), planted("1 %", "2 %"), {"repetitions": 1}]
    whole: dict[str, Any] = {}
    for case in data.draw(st.lists(st.sampled_from(cases), min_size=1)):
        whole |= case
    found = problems(experiment(**whole))
    assert found
    assert all(problem.field and problem.text and problem.remedy for problem in found)
    assert [problem.is_warning for problem in found] == sorted(problem.is_warning for problem in found)
