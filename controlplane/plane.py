"""What one control plane process holds. Everything is made here and handed on; nothing is global."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from functools import partial

from sqlmodel import Session

from controlplane import operator_credential
from controlplane.auth import Keyring, new_secret
from controlplane.clock import Clock, Steady, SystemClock, Times
from controlplane.events import Bell
from controlplane.expired_streams import ExpiredStreams
from controlplane.inbox import Inbox
from controlplane.leftovers import Leftovers
from controlplane.metrics import Metrics
from controlplane.patience import hurry, report_intervals
from controlplane.presence import Presence
from controlplane.scheduler import Scheduler
from controlplane.settings import Settings
from controlplane.silence import SilenceLog
from controlplane.state_lock import StateLock
from controlplane.store import nodes, placements
from controlplane.store.database import Database
from controlplane.store.nodes import StoredNode
from controlplane.uploads import Uploads
from controlplane.views import Heard, Moment
from controlplane.watchers import Board, Posting
from shared.artifacts import ArtifactStore
from shared.storage import storage_errors

_log = logging.getLogger(__name__)


class ControlPlane:
    """The parts of one process over an open database; `open_plane` makes one."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Clock,
        new_secret: Callable[[], str],
        database: Database,
        artifacts: ArtifactStore,
        lock: StateLock,
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.steady = Steady(clock)
        self.new_secret = new_secret
        self.database = database
        self.uploads = Uploads(artifacts, max_bytes=settings.max_artifact_bytes)
        self.keyring = Keyring()
        self.presence = Presence(clock)
        self.board = Board()
        self.bell = Bell()
        self.metrics = Metrics()
        self.metrics.watch(lambda: self.presence.open_streams)
        self.inbox = Inbox(database, self.presence, clock, self.steady)
        self.leftovers = Leftovers(
            database=database, store=artifacts, clock=clock, retention_s=settings.upload_retention_s
        )
        self.expired_streams = ExpiredStreams(database=database, clock=clock, retention_s=settings.stream_retention_s)
        self.scheduler = _scheduler(self)
        self.silence = _silence_log(self)
        self._lock = lock

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within it placements follow what happens. Raises what made the background work end, should anything."""
        async with asyncio.TaskGroup() as tasks:
            parts = (self.scheduler, self.inbox, self.silence, self.leftovers, self.expired_streams)
            work = [tasks.create_task(one.run()) for one in parts]
            try:
                yield
            finally:
                self.end_streams()
                for task in work:
                    task.cancel()

    def end_streams(self) -> None:
        self.board.close()
        self.bell.close()

    def close(self) -> None:
        self.database.close()
        self._lock.release()

    async def note_first_use(self, credential_sha256: str) -> bool:
        """From here on the token that made this node is spent for good. False when the credential was replaced."""
        now = self.clock.wall()
        is_valid = await self.database.run(partial(nodes.note_first_use, credential_sha256=credential_sha256, now=now))
        if is_valid:
            self.keyring.used(credential_sha256)
        return is_valid

    def heard(self, node: StoredNode) -> Heard:
        """What is known of the node's last sign of life, from before this process started if need be."""
        last_seen = self.presence.last_heard(node.name)
        if last_seen is not None:
            return Heard(last_seen=last_seen, silent_for_s=self.presence.silent_for_s(node.name))
        if node.last_seen is None:
            return Heard(last_seen=None, silent_for_s=self.presence.silent_for_s(node.name))
        # By the wall clock alone, one that was set back while we were down would show it as healthy.
        silences = (self.clock.wall() - node.last_seen, self.presence.silent_for_s(node.name))
        return Heard(last_seen=node.last_seen, silent_for_s=max(silences))

    def times(self) -> Times:
        return Times(wall=self.clock.wall(), steady=self.steady.now())

    def moment(self) -> Moment:
        steady = self.steady
        return Moment(now=steady.now(), started=steady.started, stale_after_s=self.settings.stale_after_s)


def open_plane(
    settings: Settings, *, clock: Clock | None = None, new_secret: Callable[[], str] = new_secret
) -> ControlPlane:
    """Open or create everything in the state folder. Raises StorageError, SettingsError."""
    with storage_errors(settings.state_dir):
        settings.state_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with ExitStack() as undo:
        lock = StateLock(settings.state_dir)
        undo.callback(lock.release)
        artifacts = ArtifactStore(settings.state_dir / "artifacts")
        database = Database(settings.url_of_database)
        undo.callback(database.close)
        plane = ControlPlane(
            settings,
            clock=clock or SystemClock(),
            new_secret=new_secret,
            database=database,
            artifacts=artifacts,
            lock=lock,
        )
        database.run_now(partial(_load, plane))
        undo.pop_all()
    return plane


def _scheduler(plane: ControlPlane) -> Scheduler:
    return Scheduler(
        database=plane.database,
        board=plane.board,
        presence=plane.presence,
        clock=plane.clock,
        steady=plane.steady,
        bell=plane.bell,
        metrics=plane.metrics,
        retention_s=plane.settings.version_retention_s,
    )


def _silence_log(plane: ControlPlane) -> SilenceLog:
    return SilenceLog(
        database=plane.database,
        board=plane.board,
        presence=plane.presence,
        clock=plane.clock,
        bell=plane.bell,
        stale_after_s=plane.settings.stale_after_s,
        events_kept=plane.settings.events_kept,
    )


def _load(plane: ControlPlane, session: Session) -> None:
    """Bring what must be answered without a query into memory."""
    _load_credentials(plane, session)
    placed = sorted(placements.everyone(session), key=lambda one: one.share)
    documents = placements.documents(session, {one.revision for one in placed})
    revisions: dict[str, list[str]] = {}
    for one in placed:
        revisions.setdefault(one.node, []).append(one.revision)
    there = nodes.everyone(session)
    plane.board.post([_posting(node, revisions.get(node.name, [])) for node in there], documents)
    if reason := hurry(plane.settings.stale_after_s, report_intervals(there)):
        _log.warning("--stale-after-s: %s", reason)


def _load_credentials(plane: ControlPlane, session: Session) -> None:
    is_known = any(node is None for _, node in nodes.credentials(session))
    operator = operator_credential.ensure(
        plane.settings.credential_file, is_known=is_known, new_secret=plane.new_secret
    )
    if operator is not None:
        nodes.replace_operator_credential(session, operator)
    unheard = nodes.unheard(session)
    for sha256, node in nodes.credentials(session):
        plane.keyring.add(sha256, node, is_unused=node in unheard)


def _posting(node: StoredNode, revisions: list[str]) -> Posting:
    return Posting(
        node=node.name,
        generation=node.generation,
        revisions=tuple(revisions),
        withheld=node.needs_confirmation,
    )
