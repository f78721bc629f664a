"""`fogline runs export-mlflow`."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from fogline import mlflow_export, run_files
from fogline.command import Door, connected, examples
from fogline.output import Page
from fogline.progress import waiting


def register(app: typer.Typer) -> None:
    app.command("export-mlflow", epilog=examples("fogline runs export-mlflow 3 --tracking-uri http://127.0.0.1:5000"))(
        export_mlflow
    )


@connected
def export_mlflow(
    door: Door,
    run: Annotated[int, typer.Argument(metavar="RUN", min=1, help="Its number.", show_default=False)],
    tracking_uri: Annotated[str, typer.Option(metavar="URI", help="Where MLflow keeps its runs.")],
    experiment: Annotated[str | None, typer.Option(metavar="NAME", help="MLflow's.  [default: the request]")] = None,
) -> Page:
    """Write a training into MLflow: parameters, curves, judgements, lineage and files. A new run there each time."""
    mlflow_export.require_mlflow()
    view = door.client.runs.get(run)
    version = door.client.models.get(view.versions[-1].model, view.versions[-1].version) if view.versions else None
    found = mlflow_export.recorded(
        view,
        version.lineage if version else None,
        run_files.history(door.client, view),
        run_files.judgements(door.client, view),
    )
    with TemporaryDirectory(prefix="fogline-mlflow-") as folder, waiting("writing into MLflow"):
        run_files.fetch(door.client, view.files, Path(folder))
        named = experiment or view.request
        identity = mlflow_export.send(found, Path(folder), tracking_uri=tracking_uri, experiment=named)
    return Page(
        document={"experiment": named, "run": identity}, view=lambda: f"run {run} is MLflow's {identity} in {named}"
    )
