"""A whole run: every cell as often as the file says, in turns, into a folder from which it goes on when interrupted."""

import dataclasses
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import msgspec
from msgspec.structs import replace

from shared.documents.deployment import Delivery
from shared.storage import replace_file
from simulations.experiment import sweep
from simulations.experiment.document import Experiment, Load, Network, Tier
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

# Sites that stand side by side, so that cells can take turns without each of them starting Kafka again. An idle one
# costs its brokers' memory.
SITES_AT_ONCE = 3
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
    with _sites(say) as site_of:
        take = partial(_take_all, site_of=site_of, file=file, out=out, say=say)
        if experiment.search is None:
            take(turns(experiment))
        else:
            searching.run(experiment, experiment.search, out, take)


def _take_all(
    wanted: Sequence[Turn], *, site_of: Callable[[Experiment], Site], file: ExperimentFile, out: Path, say: Say
) -> None:
    """Those that are not there yet."""
    todo = [one for one in wanted if not (_folder(out, one) / DONE).exists()]
    for number, turn in enumerate(todo, 1):
        say(f"{number} of {len(todo)}: {turn}")
        if turn.cell.experiment.faults:
            with _site(turn.cell.experiment, say) as site:
                _take(turn, site, file, out)
        else:
            _take(turn, site_of(turn.cell.experiment), file, out)


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


def standing(experiment: Experiment) -> Experiment:
    """What of an experiment its site depends on; the rest is the deployment's, which each repetition makes anew."""
    tiers = tuple(
        Tier(name=one.name, brokers=one.brokers, replicas=one.replicas, cpu=one.cpu) for one in experiment.tiers
    )
    return replace(experiment, load=Load(), faults=(), network=Network(), tiers=tiers, delivery=Delivery.AT_LEAST_ONCE)


@contextmanager
def _site(experiment: Experiment, say: Say) -> Iterator[Site]:
    with (
        tempfile.TemporaryDirectory(prefix="fogline-simulate-") as directory,
        Site(experiment, Path(directory), say=say) as site,
    ):
        yield site


@contextmanager
def _sites(say: Say) -> Iterator[Callable[[Experiment], Site]]:
    """Sites by what they depend on; the one longest unused gives way to another."""
    with ExitStack() as open_:
        by_key: OrderedDict[str, tuple[Site, ExitStack]] = OrderedDict()

        def site_of(experiment: Experiment) -> Site:
            wanted = standing(experiment)
            key = repr(wanted)
            if key not in by_key:
                if len(by_key) == SITES_AT_ONCE:
                    by_key.popitem(last=False)[1][1].close()
                inner = open_.enter_context(ExitStack())
                by_key[key] = inner.enter_context(_site(wanted, say)), inner
            by_key.move_to_end(key)
            return by_key[key][0]

        yield site_of
