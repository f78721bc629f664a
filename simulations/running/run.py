"""A whole run: every cell as often as the file says, in turns, into a folder from which it goes on when interrupted."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec

from shared.storage import replace_file
from simulations.experiment import sweep
from simulations.experiment.read import ExperimentFile
from simulations.experiment.turns import Turn, turns
from simulations.measurement import run_folder
from simulations.measurement.rows import ResourceRow
from simulations.measurement.run_folder import DONE, Tables
from simulations.running import manifest, repetition, rows, searching
from simulations.running.lag import lag
from simulations.running.preparing import prepared
from simulations.running.quotas.finding import require
from simulations.running.repetition import Outcome
from simulations.running.resources import watched
from simulations.running.site import Site
from simulations.running.sites import Sites, fresh

EXPERIMENT = "experiment.toml"

Say = Callable[[str], None]


def run(file: ExperimentFile, out: Path, *, now: datetime, say: Say) -> None:
    """Until every turn is done. Raises SettingsError when `out` holds results of something else."""
    # 1. Know what is to be done, and that what is there already belongs to it.
    experiment = file.experiment
    require(cell.experiment for cell in sweep.cells(experiment))
    made = manifest.made(
        name=experiment.name,
        experiment_digest=file.digest,
        seed=experiment.seed,
        repetitions=experiment.repetitions,
        began=now.isoformat(timespec="seconds"),
    )
    manifest.agreed(out, made)
    replace_file(out / EXPERIMENT, file.text.encode())
    # 2. Do it, turn by turn; what is done stays done.
    with Sites(say) as sites:
        take = partial(_take_all, sites=sites, file=file, out=out, say=say)
        if experiment.search is None:
            take(turns(experiment))
        else:
            searching.run(experiment, experiment.search, out, take)


def _take_all(wanted: Sequence[Turn], *, sites: Sites, file: ExperimentFile, out: Path, say: Say) -> None:
    """Those that are not there yet."""
    todo = [one for one in wanted if not (_folder(out, one) / DONE).exists()]
    for number, turn in enumerate(todo, 1):
        say(f"{number} of {len(todo)}: {turn}")
        if turn.cell.experiment.faults:
            with fresh(turn.cell.experiment, say) as site:
                _take(turn, site, file, out)
        else:
            _take(turn, sites.of(turn.cell.experiment), file, out)


def _take(turn: Turn, site: Site, file: ExperimentFile, out: Path) -> None:
    wanted = prepared(turn, file.folder)
    if not (site.has_served or turn.cell.experiment.faults):
        # Brokers and agents are slow until they have worked, and theirs would be the first repetition of its cell.
        repetition.run(site, dataclasses.replace(wanted, name=f"{wanted.name}-rehearsal"))
    at = {"cell": turn.cell.index, "repetition": turn.repetition}
    with watched(site.pids, **at) as resources:
        outcome = repetition.run(site, wanted)
    folder = _folder(out, turn)
    run_folder.write(folder, _tables(outcome, resources, at))
    cell = turn.cell
    done = {**at, "name": cell.name, "seed": turn.seed, "settings": dict(cell.settings), "faults": outcome.faults}
    replace_file(folder / DONE, msgspec.json.encode(done))


def _tables(outcome: Outcome, resources: list[ResourceRow], at: Mapping[str, int]) -> Tables:
    records, hops = rows.records(outcome.results, **at), rows.hops(outcome.results, **at)
    return Tables.of(
        records=records,
        hops=hops,
        links=rows.links(outcome.lines, **at),
        resources=resources,
        lag=lag(records, hops, **at),
    )


def _folder(out: Path, turn: Turn) -> Path:
    return run_folder.folder(out, turn.cell.index, turn.repetition)
