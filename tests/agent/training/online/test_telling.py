from agent.training.fitting.scores import Score
from agent.training.online.events import Drifted, WindowLearnt
from agent.training.running.telling import told
from shared.documents import Drift, ExitScore, Stage, TrainingProgress


def test_a_window_is_told_as_progress_without_a_total() -> None:
    learnt = WindowLearnt(
        window=7,
        records=100,
        records_per_s=50.0,
        scores={"edge": Score(loss=0.5, accuracy=0.8)},
        training={"edge": 0.4, "cloud": float("nan")},
    )
    progress = told(TrainingProgress(attempt=1, stage=Stage.FITTING, total=3), learnt)
    assert (progress.done, progress.total, progress.records_per_s) == (7, None, 50.0)
    assert progress.loss == {"edge": 0.4}
    assert progress.validation == {"edge": ExitScore(loss=0.5, accuracy=0.8)}


def test_a_drift_is_told_with_its_place_and_to_people() -> None:
    progress = told(TrainingProgress(attempt=1, stage=Stage.FITTING), Drifted(window=7, record=12))
    assert progress.drift == Drift(window=7, record=12)
    assert progress.notices == ("drift: from record 12 of window 7 on it is wrong more often",)
