"""The demo over links from nothing to a comparison: one way after the other, so that neither disturbs the other."""

import os
from collections.abc import Callable
from pathlib import Path

from simulations.demo.example import Example
from simulations.demo.over_links.figures import Comparison, WayFigures, figures_of
from simulations.demo.over_links.watching import Seen, watched
from simulations.demo.over_links.ways import JOINED, Way, cloud_only, continuum
from simulations.experiment.document import Experiment
from simulations.experiment.presets import resolved
from simulations.experiment.sweep import Cell
from simulations.experiment.turns import Turn, seed_of
from simulations.kafka import distribution, lock, maven
from simulations.running.preparing import prepared
from simulations.running.repetition import run
from simulations.running.site import Site
from simulations.stack import Say

Show = Callable[[str, Seen], None]
"""Called with a way's title."""


def ways(preset: str, *, records: int, rate: float) -> tuple[Way, Way]:
    """The continuum and the cloud alone. Raises SettingsError for a preset that is not there."""
    example, joined = Example.load(), Example.load(JOINED)
    return (
        continuum(example, preset, records=records, rate=rate),
        cloud_only(example, joined, preset, records=records, rate=rate),
    )


def play(
    both: tuple[Way, Way], directory: Path, *, say: Say, show: Show, on_progress: distribution.Progress
) -> Comparison:
    """Everything that was started has ended when it returns."""
    # 1. Have Kafka; four brokers are started from it.
    distribution.classpath(distribution.default_cache(), lock.load(), fetch=maven.fetch, on_progress=on_progress)
    # 2. One way, then the other.
    (mine, load_then), (others, load_now) = (_figures(way, directory, say=say, show=show) for way in both)
    # 3. Hold them side by side.
    experiment = both[1].experiment
    return Comparison(
        links={link.name: link.preset or "" for link in experiment.links},
        rate=float(experiment.load.rate or 0),
        link_share=_link_share(experiment, others),
        machine_load=max(load_then, load_now),
        continuum=mine,
        cloud_only=others,
    )


def _figures(way: Way, directory: Path, *, say: Say, show: Show) -> tuple[WayFigures, float]:
    """And the machine's load when they were taken."""
    where = directory / way.experiment.name
    where.mkdir()
    turn = Turn(
        cell=Cell(index=0, name="", settings={}, experiment=way.experiment),
        repetition=0,
        seed=seed_of(way.experiment.seed, 0, 0),
    )
    repetition = prepared(turn, where)
    with Site(way.experiment, where, say=lambda text: say(f"{way.title}: {text}")) as site:
        say(f"{way.title}: deploying")
        with watched(site, repetition, lambda seen: show(way.title, seen)):
            outcome = run(site, repetition)
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
        say(f"{way.title}: cleaning up")
    return figures_of(outcome), load


def _link_share(experiment: Experiment, found: WayFigures) -> float:
    link = resolved(experiment.links[0])
    lasted_s = found.sent / float(experiment.load.rate or 1)
    return found.bytes_up[link.name] / lasted_s / link.up_bytes_per_s
