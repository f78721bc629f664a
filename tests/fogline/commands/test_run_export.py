"""A finished run written into MLflow: its own store of files, read back by its own client."""

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

from fogline.mlflow_export import Measured, Recorded, send
from shared.documents import RunView
from shared.errors import ControlPlaneError, UnavailableError
from tests.fogline.commands.conftest import Asked
from tests.fogline.commands.test_runs import LABELS, files


@pytest.fixture
def mlflow(monkeypatch: pytest.MonkeyPatch) -> Any:  # noqa: ANN401 - it has no types
    """MLflow, for which files are a store only where the environment says so."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    return importlib.import_module("mlflow")


@pytest.fixture
def finished(asked: Asked) -> RunView:
    run = asked.announced()
    asked.node.finishes(run, files(), labels=LABELS)
    return run


def test_without_mlflow_the_command_says_what_to_install(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    said = asked.fogline("runs", "export-mlflow", 1, "--tracking-uri", "http://127.0.0.1:1")
    assert (said.code, len(said.err.splitlines())) == (UnavailableError.exit_code, 1)
    assert "pip install 'fogline[mlflow]'" in said.err


def test_a_finished_run_is_read_back_from_mlflow(mlflow: Any, asked: Asked, finished: RunView, tmp_path: Path) -> None:  # noqa: ANN401
    store = (tmp_path / "store").as_uri()
    said = asked.fogline("runs", "export-mlflow", finished.id, "--tracking-uri", store, "--json")
    assert (said.code, said.document["experiment"]) == (0, asked.name)
    client = mlflow.MlflowClient(tracking_uri=store)
    there = client.get_run(said.document["run"])
    assert (there.info.status, there.info.run_name) == ("FINISHED", f"{asked.name}-{finished.id}")
    assert there.data.tags["fogline.versions"] == f"{asked.name}/1"
    assert there.data.params["epochs"] == "2"
    assert {"test/edge/accuracy", "test/cloud/log_loss", "training/edge/loss"} <= set(there.data.metrics)
    curve = client.get_metric_history(there.info.run_id, "validation/edge/accuracy")
    assert [one.step for one in curve] == list(range(1, len(curve) + 1)) and len(curve) > 1
    assert {one.path for one in client.list_artifacts(there.info.run_id)} == set(files())


def test_each_export_is_a_run_of_its_own_in_the_same_experiment(
    mlflow: Any,  # noqa: ANN401
    asked: Asked,
    finished: RunView,
    tmp_path: Path,
) -> None:
    store = (tmp_path / "store").as_uri()
    line = ("runs", "export-mlflow", finished.id, "--tracking-uri", store, "--experiment", "mine", "--json")
    first, again = (asked.fogline(*line).document for _ in range(2))
    assert first["run"] != again["run"]
    client = mlflow.MlflowClient(tracking_uri=store)
    of = client.get_experiment_by_name("mine").experiment_id
    assert {client.get_run(one["run"]).info.experiment_id for one in (first, again)} == {of}


@pytest.mark.usefixtures("mlflow")
def test_what_mlflow_refuses_is_one_line(tmp_path: Path) -> None:
    refused = Recorded(name="r", status="FINISHED", params={}, tags={}, metrics=(Measured(name="a\nb", value=1.0),))
    with pytest.raises(ControlPlaneError, match=r"^MLflow at .*$") as error:
        send(refused, tmp_path, tracking_uri=(tmp_path / "store").as_uri(), experiment="mine")
    assert len(str(error.value).splitlines()) == 1
