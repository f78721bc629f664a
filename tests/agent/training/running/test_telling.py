"""Events of children, as the status has them."""

import math

from agent.training.events import Noticed
from agent.training.fitting.progress import EpochEnded, Loaded, Phase, PhaseBegun, Resumed, Stepped
from agent.training.fitting.scores import Score
from agent.training.reading.task import Read
from agent.training.running.telling import MOST_NOTICES, noticed, staged, told
from shared.documents import ExitScore, Stage, TrainingProgress, decode, encode

NOTHING = TrainingProgress(attempt=1, stage=Stage.FETCHING)


def step(epoch: int, step: int, loss: float = 0.5) -> Stepped:
    return Stepped(epoch=epoch, epochs=4, step=step, steps=10, records_per_s=320.0, loss={"edge": loss})


def test_steps_are_counted_over_all_epochs() -> None:
    now = told(told(NOTHING, PhaseBegun(phase=Phase.FITTING)), step(3, 2))
    assert (now.stage, now.epoch, now.epochs, now.done, now.total) == (Stage.FITTING, 3, 4, 22, 40)


def test_offsets_are_counted_while_a_stream_is_read_and_forgotten_in_the_next_stage() -> None:
    now = told(staged(NOTHING, Stage.READING), Read(done=7, total=9))
    assert (now.done, now.total) == (7, 9)
    assert (staged(now, Stage.READING), staged(now, Stage.LOADING).total) == (now, None)


def test_what_is_no_number_is_left_out_so_that_the_status_stays_json() -> None:
    now = told(NOTHING, step(1, 1, loss=math.nan))
    scores = {"edge": Score(loss=math.inf, accuracy=0.1), "cloud": Score(loss=0.25, accuracy=0.9)}
    now = told(now, EpochEnded(epoch=1, training={}, validation=scores))
    assert (now.loss, now.validation) == ({}, {"cloud": ExitScore(loss=0.25, accuracy=0.9)})
    assert decode(encode(now), TrainingProgress) == now


def test_the_last_notices_are_kept_each_once() -> None:
    now = NOTHING
    for number in range(30):
        now = told(now, Noticed(text=f"notice {number % 15}"))
    assert now.notices == tuple(f"notice {number}" for number in range(5, 15))
    assert len(noticed(now, "notice 5").notices) == MOST_NOTICES
    assert noticed(now, "notice 5").notices[-1] == "notice 5"


def test_the_exits_are_told_in_their_order() -> None:
    assert told(NOTHING, Loaded(exits=("edge", "cloud"))).exits == ("edge", "cloud")


def test_a_process_that_goes_on_says_in_which_epoch() -> None:
    assert told(NOTHING, Resumed(epoch=3, step=0)).epoch == 3
