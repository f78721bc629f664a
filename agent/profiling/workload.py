"""Timing one tier as a workload: fetch the segments, time them, measure the link above, tell the control plane."""

import asyncio
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from agent.backends.registry import choose
from agent.backoff import Backoff
from agent.control_plane import is_passing
from agent.profiling import figures
from agent.profiling.figures import Rounds
from agent.profiling.link import LinkMeasurement
from agent.profiling.timing import ROUNDS, Timing
from agent.workload import RestartNeededError, Surroundings
from shared.documents import Phase, WorkloadStatus, decode
from shared.documents.profile import (
    PROFILE,
    ExportedSegment,
    MeasuredLink,
    ProfileWorkload,
    Segments,
    TierTimes,
)
from shared.errors import (
    ArtifactError,
    ControlPlaneError,
    DocumentError,
    FoglineError,
    ModelError,
    SettingsError,
    UnavailableError,
)
from shared.kafka import ClusterRefusedError
from shared.storage import storage_errors

RETRY = Backoff(first_s=1.0, cap_s=30.0)
_UNKNOWN_CREDENTIAL = 401
_HOPELESS = (DocumentError, ModelError, SettingsError, UnavailableError, ArtifactError, ClusterRefusedError)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Timed:
    backend: str
    rounds: Rounds


class Profile:
    """Satisfies `agent.workload.RunningWorkload`. What was found is not looked for again while it lives."""

    def __init__(self, document: ProfileWorkload, surroundings: Surroundings, *, retry: Backoff = RETRY) -> None:
        self._document = document
        self._surroundings = surroundings
        self._retry = retry
        self._random = Random()  # noqa: S311 - it spreads retries
        self._phase, self._reason = Phase.STARTING, ""
        self._leaving = asyncio.Event()
        self._stopping = threading.Event()
        self._segments: dict[ExportedSegment, Path] | None = None
        self._timed: _Timed | None = None
        self._link: MeasuredLink | None = None

    async def run(self) -> None:
        self._enter(Phase.RUNNING)
        try:
            async with asyncio.TaskGroup() as tasks:
                working = tasks.create_task(self._work())
                await self._leaving.wait()
                working.cancel()
        finally:
            # A thread hears of no cancellation.
            self._stopping.set()

    async def update(self, document: ProfileWorkload) -> None:
        raise RestartNeededError("something else is to be timed")

    async def drain(self) -> None:
        self._leaving.set()

    def status(self) -> WorkloadStatus:
        return WorkloadStatus(
            id=self._document.id,
            kind=PROFILE,
            phase=self._phase,
            reason=self._reason,
            for_good=self._phase is Phase.FAILED,
        )

    async def _work(self) -> None:
        failures = 0
        while True:
            try:
                await self._surroundings.profiled(await self._found())
            except FoglineError as error:
                if not _may_pass(error):
                    self._enter(Phase.FAILED, str(error))
                    return
                failures += 1
                self._say(f"{error}; trying again")
                await self._pause(failures)
            else:
                self._enter(Phase.FINISHED)
                return

    async def _found(self) -> TierTimes:
        """Raises what may pass; what may not is found too."""
        try:
            # 1. What there is to be timed.
            if self._segments is None:
                self._segments = await self._fetch()
            # 2. Each of them.
            if self._timed is None:
                self._timed = await self._time(self._segments)
            # 3. The link above.
            if self._document.cluster is not None and self._link is None:
                self._link = await self._measured_link(self._document.cluster)
        except _HOPELESS as error:
            return self._times(failure=str(error))
        self._say("handing in what was found")
        return self._times()

    async def _fetch(self) -> dict[ExportedSegment, Path]:
        document = self._document
        self._say(f"fetching {document.segments.name}")
        path = await self._surroundings.artifact(document.segments)
        segments = decode(await asyncio.to_thread(_content, path), Segments).segments
        fetched = {}
        for number, one in enumerate(segments, 1):
            self._say(f"fetching segment {number} of {len(segments)}")
            fetched[one] = await self._surroundings.artifact(one.artifact)
        if not fetched:
            raise DocumentError(f"{document.segments.name} names no segment")
        return fetched

    async def _time(self, segments: dict[ExportedSegment, Path]) -> _Timed:
        backend = choose(next(iter(segments)).artifact.format)
        loop = asyncio.get_running_loop()

        def told(done: int) -> None:
            loop.call_soon_threadsafe(self._told, len(segments), done)

        timing = Timing(
            backend=backend,
            path=segments.__getitem__,
            monotonic=self._surroundings.clock.monotonic,
            leaving=self._stopping,
            told=told,
            repetitions=self._document.repetitions,
            budget_s=self._document.budget_s,
        )
        self._told(len(segments), 0)
        return _Timed(backend=backend.name, rounds=await asyncio.to_thread(timing.run, tuple(segments)))

    async def _measured_link(self, name: str) -> MeasuredLink:
        cluster = next((one for one in self._document.clusters if one.name == name), None)
        if cluster is None:
            raise DocumentError(f"{name!r} is not among `clusters`", field="cluster")
        self._say(f"measuring the link to cluster {name}")
        measurement = LinkMeasurement(
            cluster=cluster,
            topic=self._document.topic,
            repetitions=self._document.repetitions,
            budget_s=self._document.budget_s,
            monotonic=self._surroundings.clock.monotonic,
        )
        return await measurement.run()

    def _times(self, *, failure: str = "") -> TierTimes:
        made = partial(
            TierTimes,
            profile=self._document.profile,
            profiling=self._document.profiling,
            tier=self._document.tier,
        )
        if failure or self._timed is None:
            return made(failure=failure)
        rounds = self._timed.rounds
        return made(
            backend=self._timed.backend,
            records=figures.records(rounds),
            times=figures.times(rounds),
            link=self._link,
        )

    def _told(self, segments: int, done: int) -> None:
        self._say(f"timing {segments} segments: {done} of {ROUNDS} rounds")

    def _say(self, reason: str) -> None:
        self._reason = reason
        self._surroundings.changed()

    def _enter(self, phase: Phase, reason: str = "") -> None:
        self._phase = phase
        self._say(reason)

    async def _pause(self, failures: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._retry.delay_s(failures, jitter=self._random.random())):
                await self._leaving.wait()


def _may_pass(error: FoglineError) -> bool:
    """An unknown credential is known again when a database is restored, or the node is enrolled anew."""
    if isinstance(error, ControlPlaneError):
        return is_passing(error) or error.status == _UNKNOWN_CREDENTIAL
    return True


def _content(path: Path) -> bytes:
    with storage_errors(path):
        return path.read_bytes()
