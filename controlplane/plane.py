"""What one control plane process holds. Everything is made here and handed on; nothing is global."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from controlplane import operator_credential
from controlplane.artifacts import ArtifactStore
from controlplane.auth import Keyring, new_secret
from controlplane.clock import Clock, SystemClock
from controlplane.events import Bell
from controlplane.inbox import Inbox
from controlplane.metrics import Metrics
from controlplane.presence import Presence
from controlplane.scheduler import Scheduler
from controlplane.settings import Settings
from controlplane.silence import SilenceLog
from controlplane.store import nodes, placements
from controlplane.store.database import Database
from controlplane.store.nodes import StoredNode
from controlplane.views import Heard, Moment
from controlplane.watchers import Board, Posting
from shared.errors import StorageError


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlPlane:
    settings: Settings
    clock: Clock
    new_secret: Callable[[], str]
    database: Database
    artifacts: ArtifactStore
    keyring: Keyring
    presence: Presence
    board: Board
    bell: Bell
    inbox: Inbox
    scheduler: Scheduler
    silence: SilenceLog
    metrics: Metrics

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Within it placements follow what happens. Raises what made the background work end, should anything."""
        async with asyncio.TaskGroup() as tasks:
            work = [tasks.create_task(one) for one in (self.scheduler.run(), self.inbox.run(), self.silence.run())]
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

    def heard(self, node: StoredNode) -> Heard:
        """What is known of the node's last sign of life, from before this process started if need be."""
        last_seen = self.presence.last_heard(node.name)
        if last_seen is not None:
            return Heard(last_seen=last_seen, silent_for_s=self.presence.silent_for_s(node.name))
        if node.last_seen is None:
            return Heard(last_seen=None, silent_for_s=self.presence.silent_for_s(node.name))
        return Heard(last_seen=node.last_seen, silent_for_s=max(0.0, self.clock.wall() - node.last_seen))

    def moment(self) -> Moment:
        return Moment(now=self.clock.wall(), stale_after_s=self.settings.stale_after_s)


def open_plane(
    settings: Settings, *, clock: Clock | None = None, new_secret: Callable[[], str] = new_secret
) -> ControlPlane:
    """Open or create everything in the state folder. Raises StorageError, SettingsError."""
    clock = clock or SystemClock()
    _make(settings.state_dir)
    artifacts = ArtifactStore(settings.state_dir / "artifacts", max_bytes=settings.max_artifact_bytes)
    database = Database(settings.url_of_database)
    try:
        keyring, board, presence, bell, metrics = Keyring(), Board(), Presence(clock), Bell(), Metrics()
        database.run_now(lambda session: _load(session, settings, keyring, board, new_secret))
    except BaseException:
        database.close()
        raise
    metrics.watch(lambda: presence.open_streams)
    return ControlPlane(
        settings=settings,
        clock=clock,
        new_secret=new_secret,
        database=database,
        artifacts=artifacts,
        keyring=keyring,
        presence=presence,
        board=board,
        bell=bell,
        inbox=Inbox(database, presence, clock),
        scheduler=Scheduler(
            database=database,
            board=board,
            presence=presence,
            clock=clock,
            bell=bell,
            metrics=metrics,
            retention_s=settings.version_retention_s,
        ),
        silence=SilenceLog(
            database=database,
            board=board,
            presence=presence,
            clock=clock,
            bell=bell,
            stale_after_s=settings.stale_after_s,
            events_kept=settings.events_kept,
        ),
        metrics=metrics,
    )


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StorageError(f"{folder} cannot be made: {error.strerror}: name another --state-dir") from error


def _load(session: Session, settings: Settings, keyring: Keyring, board: Board, new_secret: Callable[[], str]) -> None:
    known = nodes.credentials(session)
    operator = operator_credential.ensure(
        settings.credential_file, is_known=any(node is None for _, node in known), new_secret=new_secret
    )
    if operator is not None:
        nodes.replace_operator_credential(session, operator)
    for sha256, node in nodes.credentials(session):
        keyring.add(sha256, node)
    placed = sorted(placements.everyone(session), key=lambda one: one.share)
    documents = placements.documents(session, {one.revision for one in placed})
    revisions: dict[str, list[str]] = {}
    for one in placed:
        revisions.setdefault(one.node, []).append(one.revision)
    board.post([_posting(node, revisions.get(node.name, [])) for node in nodes.everyone(session)], documents)


def _posting(node: StoredNode, revisions: list[str]) -> Posting:
    return Posting(
        node=node.name,
        generation=node.generation,
        revisions=tuple(revisions),
        withheld=node.needs_confirmation,
    )
