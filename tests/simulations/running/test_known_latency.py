"""The harness held against pipelines whose latency is known: by how much it errs, and that no stall hides from it."""

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from shared.documents import Cluster, encode
from shared.kafka import admin, ensure_topic
from simulations.kafka.cluster import KafkaCluster
from simulations.measurement.figures import Figure, figure, figures
from simulations.measurement.rows import RecordRow
from simulations.measurement.run_folder import Tables
from simulations.programs import Program, RunningProgram
from simulations.running import rows
from simulations.running.clients import Answers, ClientsSettings
from simulations.running.crowd import Crowd
from simulations.running.echo import READS, EchoSettings, Stall
from simulations.running.hearing import FETCH_MAX_WAIT_MS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CLIENTS, RATE = 2, 50
WANTED_NICENESS = -10
DEADLINE_S = 30.0
ATTEMPTS = 3


class LaterError(AssertionError):
    """Later than is known: the harness errs, or the machine was disturbed, which only ever adds."""


@dataclass(frozen=True, slots=True)
class Stage:
    cluster: Cluster
    name: str
    folder: Path

    def echo_settings(self, delay_s: float, stall: Stall | None) -> EchoSettings:
        return EchoSettings(
            cluster=self.cluster,
            topic=f"{self.name}-in",
            answers_topic=f"{self.name}-out",
            delay_s=delay_s,
            stall=stall,
        )

    def clients_settings(self, load_s: float, rate: float) -> ClientsSettings:
        """Clients take turns, so that all together are steady too."""
        records = round(load_s * rate)
        answers = Answers(cluster=self.cluster, answers_topic=f"{self.name}-out", dead_letter_topic=f"{self.name}-dead")
        return ClientsSettings(
            cluster=self.cluster,
            topic=f"{self.name}-in",
            answers=(answers,),
            sample=str(self.folder / "sample.npz"),
            due_s=tuple(
                tuple((number + client / CLIENTS) / rate for number in range(records)) for client in range(CLIENTS)
            ),
            images=((0,) * records,) * CLIENTS,
            warm_up_s=0.0,
            patience_s=DEADLINE_S,
            seed=1,
            results=str(self.folder / "results"),
        )


@pytest.fixture
def prompt(broker: KafkaCluster) -> Iterator[KafkaCluster]:
    """Before others on a busy machine, as the clients and the echo are: what a busy machine adds is not known."""
    pid = broker.pid(broker.node_ids[0])
    usual = os.getpriority(os.PRIO_PROCESS, pid)
    be_nice(pid, WANTED_NICENESS)
    yield broker
    be_nice(pid, usual)


def be_nice(pid: int, niceness: int) -> None:
    """Where the machine allows it; to Linux each thread is nice by itself."""
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with suppress(PermissionError, ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, int(thread.name), niceness)


@pytest.fixture
def stages(prompt: KafkaCluster, unique: str, tmp_path: Path) -> Iterator[Stage]:
    """One an attempt, with topics and a folder of its own; made when it is asked for."""
    cluster = Cluster(name="here", bootstrap_servers=tuple(prompt.bootstrap_servers.split(",")))
    return (_stage(cluster, f"{unique}-{attempt}", tmp_path / str(attempt)) for attempt in range(ATTEMPTS))


def _stage(cluster: Cluster, name: str, folder: Path) -> Stage:
    folder.mkdir()
    asyncio.run(_make_topics(cluster, [f"{name}-{kind}" for kind in ("in", "out", "dead")]))
    np.savez(folder / "sample.npz", images=np.zeros((1, 64), np.uint8), labels=np.zeros(1, np.int64))
    return Stage(cluster, name, folder)


async def _make_topics(cluster: Cluster, names: Sequence[str]) -> None:
    async with admin(cluster) as client:
        for name in names:
            await ensure_topic(client, cluster, name, partitions=1)


@contextmanager
def answering(stage: Stage, settings: EchoSettings) -> Iterator[None]:
    file = stage.folder / "echo.json"
    file.write_bytes(encode(settings))
    arguments = ("-m", "simulations.running.echo", str(file))
    running = Program(name="echo", arguments=arguments, log=stage.folder / "echo.log").start(leashed=True)
    try:
        running.await_line(lambda line: READS in line, deadline_s=DEADLINE_S)
        yield
    finally:
        running.stop(patience_s=5.0)


def measured(
    stage: Stage,
    *,
    load_s: float,
    delay_s: float,
    rate: float = RATE,
    stall: Stall | None = None,
    meanwhile: Callable[[RunningProgram, float], None] = lambda *_: None,
) -> list[RecordRow]:
    """`meanwhile` is given the clients and when their load begins, in seconds of the monotonic clock."""
    with Crowd(log=stage.folder / "clients.log") as crowd, answering(stage, stage.echo_settings(delay_s, stall)):
        began_us = crowd.begin(stage.clients_settings(load_s, rate), stage.folder / "clients.json")
        meanwhile(crowd.running, began_us / 1e6)
        results = crowd.results()
    found = rows.records(results, cell=0, repetition=0)
    assert len(found) == CLIENTS * round(load_s * rate)
    assert {row.answers for row in found} == {1}
    return found


def latency_s(records: Sequence[RecordRow], percentile: str) -> float:
    found: Sequence[Figure] = figures(Tables.of(records=records), seed=1)
    latency = figure(found, 0, f"latency_{percentile}")
    assert latency is not None
    return latency.value / 1e3


def closed_loop_s(records: Sequence[RecordRow]) -> list[float]:
    """What clients would have seen that send nothing before the last answer came, and count from when they sent."""
    found, free_us = [], dict.fromkeys(range(CLIENTS), 0)
    for row in sorted(records, key=lambda row: row.due_us):
        if row.due_us >= free_us[row.client] and row.answered_us is not None:
            free_us[row.client] = row.answered_us
            found.append((row.answered_us - row.sent_us) / 1e6)
    return found


def agrees(found_s: float, *, least_s: float = 0.0, most_s: float) -> None:
    """Too early is never the machine's doing, and is an error at once."""
    assert found_s >= least_s
    if found_s > most_s:
        raise LaterError(f"{found_s:g} s, and at most {most_s:g} s is known")


def undisturbed(attempt: Callable[[Stage], None], stages: Iterator[Stage]) -> None:
    """Measures again where something was later than is known; a harness that errs does so each time."""
    later: list[LaterError] = []
    for stage in stages:
        try:
            return attempt(stage)
        except LaterError as error:
            later.append(error)
    raise ExceptionGroup(f"later than is known in each of {ATTEMPTS} attempts", later)


def test_a_fixed_delay_is_found_within_two_percent(stages: Iterator[Stage]) -> None:
    delay_s = 5.0
    # Spread over so long a time that the machine has to stand still for long to delay half of them.
    records = measured(next(stages), load_s=20.0, delay_s=delay_s, rate=2)
    assert latency_s(records, "p50") == pytest.approx(delay_s, rel=0.02)
    # Nothing is counted from too late or to too early. The clocks of both programs are read to the microsecond.
    assert min(row.answered_us - row.due_us for row in records if row.answered_us) >= delay_s * 1e6 - 100


def test_a_stall_shows_in_the_open_loop_and_would_not_in_a_closed_one(stages: Iterator[Stage]) -> None:
    load_s, delay_s, stall = 8.0, 0.05, Stall(begin_s=3.0, length_s=2.0)

    def attempt(stage: Stage) -> None:
        records = measured(stage, load_s=load_s, delay_s=delay_s, stall=stall)
        # Who came when it began waits for the whole of it, who came later so much less.
        for percentile, later in (("p99", 0.01), ("p95", 0.05)):
            known_s = stall.length_s + delay_s - later * load_s
            agrees(latency_s(records, percentile), least_s=0.95 * known_s, most_s=1.05 * known_s)
        agrees(latency_s(records, "p50"), most_s=0.5)
        agrees(float(np.quantile(closed_loop_s(records), 0.95)), most_s=0.5)

    undisturbed(attempt, stages)


def test_a_stall_of_the_clients_themselves_shows(stages: Iterator[Stage]) -> None:
    load_s, delay_s, length_s = 6.0, 0.2, 2.5

    def attempt(stage: Stage) -> None:
        lasted: list[float] = []

        def stop_for_a_while(clients: RunningProgram, began_s: float) -> None:
            time.sleep(max(0.0, began_s + 2.0 - time.monotonic()))
            clients.suspend()
            stopped_s = time.monotonic()
            time.sleep(length_s)
            lasted.append(time.monotonic() - stopped_s)  # at least: they are stopped all of that time
            clients.resume()

        records = measured(stage, load_s=load_s, delay_s=delay_s, meanwhile=stop_for_a_while)
        # The latest are those of about the moment it began: sent and not heard any more, or due and not sent any more.
        known_s = lasted[0] + delay_s - 0.01 / 2 * load_s
        # A reader that was stopped may have asked for the other topic's records alone, and hears of nothing else until
        # the broker has answered that.
        agrees(latency_s(records, "p99"), least_s=0.95 * known_s, most_s=1.1 * known_s + FETCH_MAX_WAIT_MS / 1e3)
        sent_late_s = max(row.sent_us - row.due_us for row in records) / 1e6
        agrees(sent_late_s, least_s=0.9 * lasted[0], most_s=1.1 * lasted[0])

    undisturbed(attempt, stages)
