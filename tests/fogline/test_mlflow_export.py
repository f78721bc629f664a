"""What of a run is written into MLflow."""

from fogline.mlflow_export import recorded
from shared.documents import Lineage, RunState, RunView, TrainingParameters, VersionName
from tests.fogline import judged

RUN = RunView(
    id=3,
    request="digits",
    network="small",
    stream="s-1",
    state=RunState.FINISHED,
    attempt=1,
    versions=(VersionName(model="small", version=2),),
    created_at="now",
)
LINEAGE = Lineage(
    run=3,
    request="digits",
    network="small",
    sources=("a" * 64,),
    stream="s-1",
    records="r",
    seed=0,
    split_seed=0,
    parameters=TrainingParameters(epochs=12),
)


def test_curves_are_metrics_by_epoch_and_the_test_has_one_figure_each() -> None:
    history, judgements = judged.history(epochs=12), judged.classification()
    found = recorded(RUN, LINEAGE, history, judgements)
    losses = [one for one in found.metrics if one.name == "validation/edge/loss"]
    assert [one.step for one in losses] == list(range(1, 13))
    assert [one.value for one in losses] == [one.validation["edge"].loss for one in history.epochs]
    cloud = judgements.of("cloud")
    assert cloud is not None
    assert [one.value for one in found.metrics if one.name == "test/cloud/accuracy"] == [cloud.accuracy]


def test_parameters_are_flat_and_lineage_is_tags() -> None:
    found = recorded(RUN, LINEAGE, None, None)
    assert (found.name, found.status, found.metrics) == ("small-3", "FINISHED", ())
    assert (found.params["epochs"], found.params["optimiser.name"]) == ("12", "adamw")
    assert (found.tags["fogline.versions"], found.tags["fogline.sources"]) == ("small/2", "a" * 64)


def test_plain_numbers_have_errors_and_no_accuracy() -> None:
    names = {one.name for one in recorded(RUN, None, None, judged.regression()).metrics}
    assert names == {"test/edge/rmse", "test/edge/mae", "test/cloud/rmse", "test/cloud/mae"}
