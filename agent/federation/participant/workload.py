"""A site's part in a federation as a workload of its node."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from agent.announcements.persistence import Persistence
from agent.backoff import Backoff
from agent.federation.aggregation.strategies import strategy
from agent.federation.aggregation.strategy import Local
from agent.federation.participant.account import Account
from agent.federation.participant.data import Data
from agent.federation.participant.learning import Learning
from agent.federation.participant.listening import Listening
from agent.federation.participant.permission import Permission
from agent.federation.participant.places import Places
from agent.federation.participant.policy import Asked
from agent.federation.participant.updates import Updates
from agent.federation.wire.following import Following
from agent.federation.wire.sending import Sending
from agent.training.running.children import Children
from agent.training.running.outcome import LeftError
from agent.workload import Federating, RestartNeededError, Surroundings
from shared.documents import Cluster, WorkloadStatus
from shared.documents.federation import Federation, NoiseAt
from shared.documents.federation_workloads import ParticipantWorkload
from shared.errors import DocumentError, FoglineError, UnavailableError
from shared.topics import federation_topic

RETRY = Backoff(first_s=1.0, cap_s=60.0)


class Participant:
    """Takes part until it is drained; what it waits for is always its reason. See RunningWorkload.

    Raises DocumentError, SettingsError, UnavailableError for a document, or settings, by which nobody can.
    """

    def __init__(
        self, document: ParticipantWorkload, surroundings: Surroundings, *, retry: Backoff = RETRY, look_s: float = 3.0
    ) -> None:
        self._document, self._surroundings, self._look_s = document, surroundings, look_s
        self._account = Account(id=document.id, changed=surroundings.changed)
        self._places = Places.of(surroundings.common, document.id)
        self._children = Children(folder=self._places.attempt, heard=lambda _: None, noticed=self._account.notice)
        self._retry, self._random = retry, Random()  # noqa: S311 - it spreads retries
        self._leaving = asyncio.Event()
        self._federating, self._local = _federating(surroundings), _local(document.federation)
        self._site = self._federating.own_cluster(document.federation.site_cluster)
        self._platform = _platform(document)
        self._listening = self._listens()
        self._data = Data(
            federation=document.federation,
            cluster=self._site,
            listening=self._listening,
            waits=self._account.does,
            look_s=look_s,
        )
        self._updates = self._updates_of(self._permission())

    async def run(self) -> None:
        """Raises StorageError where even its folder cannot be made."""
        self._account.does("begins")
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(self._listening.run())
            working = tasks.create_task(self._work())
            await self._leaving.wait()
            listening.cancel()
            # What trains is asked, and leaves a checkpoint; whatever else goes on is begun again where it was.
            if not self._children.leave():
                working.cancel()

    async def update(self, document: ParticipantWorkload) -> None:
        raise RestartNeededError("another federation, network or cluster: the update under way goes on from its folder")

    async def drain(self) -> None:
        self._leaving.set()

    def status(self) -> WorkloadStatus:
        catalogue = self._listening.catalogue
        self._account.count(streams=len(catalogue.streams), refused_announcements=catalogue.refusals)
        return self._account.status()

    async def _work(self) -> None:
        failures = 0
        while not self._leaving.is_set():
            try:
                await self._updates.one()
                failures = 0
            except LeftError:
                return
            except FoglineError as error:
                failures += 1
                self._account.does(f"{error}; trying again")
                await self._pause(failures)

    async def _pause(self, failures: int) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._retry.delay_s(failures, jitter=self._random.random())):
                await self._leaving.wait()

    def _listens(self) -> Listening:
        return Listening(
            cluster=self._site,
            control_topic=self._document.federation.control_topic,
            persistence=Persistence(
                what="reading what a site announces", changed=self._surroundings.changed, random=self._random
            ),
            news=lambda: self._data.news(),
        )

    def _permission(self) -> Permission:
        return Permission(
            file=self._federating.policy_file,
            asked=asked(self._document),
            folder=self._places.folder,
            clock=self._surroundings.clock,
            refused=self._account.fails,
            held_up=self._account.does,
            look_s=self._look_s,
        )

    def _updates_of(self, permission: Permission) -> Updates:
        return Updates(
            document=self._document,
            participant=self._surroundings.node,
            places=self._places,
            local=self._local,
            account=self._account,
            permission=permission,
            data=self._data,
            following=self._follows(),
            learning=self._learns(),
            sending=self._sends(permission),
        )

    def _follows(self) -> Following:
        return Following(
            cluster=self._platform,
            federation=self._document.federation.name,
            edition=self._document.edition,
            folder=self._places.models,
            waits=self._account.does,
        )

    def _learns(self) -> Learning:
        return Learning(
            document=self._document,
            surroundings=self._surroundings,
            places=self._places,
            children=self._children,
            local=self._local,
            site=self._site,
            does=self._account.does,
        )

    def _sends(self, permission: Permission) -> Sending:
        name, edition, node = self._document.federation.name, self._document.edition, self._surroundings.node
        return Sending(
            cluster=self._platform,
            topic=federation_topic(name, edition, "updates", node),
            signature=self._federating.signature,
            leave=self._leaves(permission),
            acknowledged=self._account.sends,
        )

    def _leaves(self, permission: Permission) -> Callable[[int], Awaitable[None]]:
        async def leave(size_bytes: int) -> None:
            await permission.leave(size_bytes)
            self._account.add(bytes_sent=size_bytes)

        return leave


def asked(document: ParticipantWorkload) -> Asked:
    """What a policy is to judge. Noise that a coordinator adds is none that the site can rely on."""
    privacy = document.federation.privacy
    return Asked(
        federation=document.federation.name,
        sources=tuple(one.sha256 for one in document.network.files),
        norm=None if privacy is None else privacy.norm,
        noise=privacy.noise if privacy is not None and privacy.at is NoiseAt.SITE else 0.0,
    )


def _local(federation: Federation) -> Local:
    local = strategy(federation.strategy.name, federation.strategy.parameters).local
    if local.controls and federation.privacy is not None:
        raise DocumentError(
            f"{federation.strategy.name!r} has control variates leave a site as they are, unclipped and without noise: "
            "choose another strategy, or no privacy",
            field="federation.privacy",
        )
    return local


def _federating(surroundings: Surroundings) -> Federating:
    if surroundings.federating is None:
        raise UnavailableError("this agent has nothing to take part in a federation with")
    return surroundings.federating


def _platform(document: ParticipantWorkload) -> Cluster:
    for one in document.clusters:
        if one.name == document.federation.cluster:
            return one
    raise DocumentError(f"{document.federation.cluster!r} is not among `clusters`", field="federation.cluster")
