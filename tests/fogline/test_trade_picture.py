"""The trade's picture shows what is known, and what was chosen."""

from dataclasses import replace

import msgspec
import numpy as np

from agent.training.exiting.calibration import Calibration, calibrate
from agent.training.exiting.parts import parted
from agent.training.exiting.trade import Costs
from fogline.trade_picture import trade
from shared.documents import Measure, decode
from tests.fogline.commands.test_model_exits import COSTS
from tests.fogline.exits_of_a_chain import RECORDS, outputs


def calibrated(costs: Costs | None) -> Calibration:
    arrays = outputs()
    return calibrate(
        [arrays[tier] for tier in ("edge", "fog", "cloud")],
        arrays["labels"].astype(np.int64),
        parted(RECORDS, seed=0, risk=0.02, confidence=0.9),
        measures=[Measure.MAX_PROBABILITY] * 2,
        risk=0.02,
        confidence=0.9,
        costs=costs,
    )


def test_every_step_of_the_path_is_a_point_and_the_chosen_one_is_marked() -> None:
    found = calibrated(None)
    chart = trade(found)
    assert [facet.y.label for facet in chart.facets] == ["right answers lost", "accuracy"]
    assert all(len(facet.series[0].points) == len(found.points) for facet in chart.facets)
    (mark,) = chart.marks
    lost, _ = chart.facets[0].series
    assert mark.at == lost.points[found.choice.step].x
    across = [point.x for point in lost.points]
    assert across == sorted(across)


def test_latency_is_drawn_where_costs_are_known() -> None:
    found = calibrated(decode(msgspec.json.encode(COSTS), Costs))
    latency = trade(found).facets[2]
    with_exits, alone = latency.series
    assert latency.y.unit == "ms"
    assert alone.points[0].y == with_exits.points[0].y


def test_where_no_exit_may_answer_nothing_is_marked() -> None:
    found = calibrated(None)
    never = msgspec.structs.replace(
        found, choice=msgspec.structs.replace(found.choice, thresholds=(None, None), shares=(0.0, 0.0, 1.0), step=0)
    )
    assert trade(never) == replace(trade(found), marks=())
