"""The cells of a run with what was measured in them, from its folder."""

from pathlib import Path

from shared.errors import SettingsError
from simulations.experiment.read import load
from simulations.experiment.sweep import cells
from simulations.measurement.figures import measures
from simulations.measurement.run_folder import finished, read_run
from simulations.paper.setups import Measured, Setup, label
from simulations.paper.shapes import Shape, shapes

EXPERIMENT = "experiment.toml"


def found(run: Path) -> tuple[Shape, ...]:
    """Raises SettingsError where no run lies, DocumentError and StorageError for damaged files."""
    if not (run / EXPERIMENT).is_file() or not finished(run):
        raise SettingsError(f"{run} is no run with a finished repetition")
    experiment, tables = load(run / EXPERIMENT).experiment, read_run(run)
    measured = [
        Measured(
            label=label(cell.name, cell.experiment),
            setup=Setup.of(cell.experiment),
            measures={one.name: one.estimator for one in measures(tables, cell.index)},
        )
        for cell in cells(experiment)
        if cell.index in tables.cells()
    ]
    return shapes(measured, seed=experiment.seed)
