"""How soon ten thousand agents hear of a change: one control plane process, an open stream to each of them.

The streams' other ends run on the same cores. A changed threshold changes the assignment of every node.
"""

import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from shared.client import Client
from shared.documents import Cluster, Deployment, ExitPolicy, TierSpec
from simulations.bench import crowd, network
from simulations.bench.bare.agents import AgentsSettings
from simulations.bench.bench import Bench
from simulations.bench.errors import BenchError
from simulations.bench.experiment import Samples
from simulations.bench.programs import bare
from simulations.bench.report import Better, Figure
from simulations.bench.statistics import percentile
from simulations.programs import RunningProgram
from simulations.stack import Layout, start_control_plane

AGENTS = 10_000
PROCESSES = 2
OPEN_DEADLINE_S = 180.0
TOLD_DEADLINE_S = 60.0
# Files that a process needs beside its streams.
SPARE_FILES = 200
LABELS = {"bench": "watchers"}


class Watchers:
    name = "watchers"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title="10,000 watching agents: change stored to agent told, p99",
            must=1.5,
            aim=0.7,
            better=Better.LOWER,
            unit="s",
        ),
    )

    def run(self, bench: Bench) -> Samples:
        _require_files(AGENTS + SPARE_FILES)
        samples = Samples()
        layout = Layout(directory=bench.layout.directory / "watchers")
        bench.say(f"watchers: enrolling {AGENTS} nodes")
        credentials = crowd.enrol(layout.state("control-plane"), AGENTS, labels=LABELS, now=time.time())
        with _control_plane(layout) as (url, client), ExitStack() as open_streams:
            _prepare(client)
            bench.say(f"watchers: opening {AGENTS} streams")
            folders = [layout.directory / f"told-{number}" for number in range(PROCESSES)]
            watching = [
                open_streams.enter_context(_agents(bench, url, share, folder, number))
                for number, (share, folder) in enumerate(zip(_shares(credentials), folders, strict=True))
            ]
            for running in watching:
                running.await_line(lambda line: line.strip() == "open", deadline_s=OPEN_DEADLINE_S)
            for number in range(bench.rounds + 1):
                bench.say(f"watchers, round {number}")
                change = _change(client, watching, folders, generation=number + 1)
                if number:  # the first one sends every agent its first assignment
                    _add(samples, *change)
        return samples


def _change(
    client: Client, watching: Sequence[RunningProgram], folders: Sequence[Path], *, generation: int
) -> tuple[float, float, list[float]]:
    """When the change was asked for, when it was stored, and when each agent was told."""
    asked_s = time.monotonic()
    client.deployments.put(_deployment(threshold=generation / 1000))
    stored_s = time.monotonic()
    told_s: list[float] = []
    for running, folder in zip(watching, folders, strict=True):
        running.await_line(lambda line: line.strip() == f"told {generation}", deadline_s=TOLD_DEADLINE_S)
        told_s += msgspec.json.decode((folder / str(generation)).read_bytes(), type=list[float])
    # Whoever was told knows that it is stored, even where the answer to the request comes later.
    return asked_s, min(stored_s, *told_s), told_s


def _add(samples: Samples, asked_s: float, stored_s: float, told_s: Sequence[float]) -> None:
    late = [one - stored_s for one in told_s]
    samples.add(
        Watchers.name,
        percentile(late, 0.99),
        p50=(percentile(late, 0.5), "s"),
        last=(max(late), "s"),
        asked_to_stored=(stored_s - asked_s, "s"),
    )


def _deployment(*, threshold: float) -> Deployment:
    edge = TierSpec(tier="edge", cluster="away", selector=LABELS, replicas="all", exit=ExitPolicy(threshold=threshold))
    tiers = (edge, TierSpec(tier="cloud", cluster="away"))
    # These agents watch and never report: by default they would be taken for silent after a minute.
    return Deployment(name="watchers", model="bench", tiers=tiers, stale_after_s=86_400)


def _prepare(client: Client) -> None:
    """A cluster that need not be there: the control plane never calls it."""
    client.clusters.put(Cluster(name="away", bootstrap_servers=("127.0.0.1:9",)))
    client.models.register(network.manifest(1), network.FOLDER)


@contextmanager
def _control_plane(layout: Layout) -> Iterator[tuple[str, Client]]:
    running, url = start_control_plane(layout, port=0, leashed=True)
    try:
        with Client(url, credential=layout.credential_file.read_text().strip(), timeout_s=TOLD_DEADLINE_S) as client:
            yield url, client
    finally:
        running.stop()


@contextmanager
def _agents(
    bench: Bench, url: str, credentials: Mapping[str, str], folder: Path, number: int
) -> Iterator[RunningProgram]:
    folder.mkdir()
    parts = urlsplit(url)
    settings = AgentsSettings(
        host=parts.hostname or "",
        port=parts.port or 80,
        credentials=dict(credentials),
        first_address=2 + 16 * number,
        folder=str(folder),
    )
    with bare(bench, "agents", settings) as running:
        yield running


def _shares(credentials: Mapping[str, str]) -> list[dict[str, str]]:
    entries = list(credentials.items())
    return [dict(entries[number::PROCESSES]) for number in range(PROCESSES)]


def _require_files(wanted: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise BenchError(
            f"{AGENTS} streams need {wanted} open files, {hard} are allowed: raise the hard limit (ulimit -Hn)"
        )
