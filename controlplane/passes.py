"""One pass inside a transaction: read the world, compute, write down what differs, say what must be told to whom."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from sqlmodel import Session

from controlplane import federation_events, federations, profile_events, profiles, rollout, run_events, runs, watches
from controlplane.fleet import Node
from controlplane.schedule import Schedule, compute
from controlplane.store import clusters, deployments, events, looked_after, models, nodes, placements, requests
from controlplane.store import federations as stored_federations
from controlplane.store import profiles as stored_profiles
from controlplane.store import runs as stored_runs
from controlplane.store.deployments import StoredDeployment
from controlplane.store.events import Happened
from controlplane.store.nodes import StoredNode
from controlplane.watchers import Posting
from controlplane.world import Desired, Placed, Share, World
from shared.documents import WorkloadStatus

T = TypeVar("T")

# Above this many nodes changed at once, one event tells of all of them.
_MOST_EVENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a pass needs from outside the database: `now` by the steady clock, `wall` for people.

    `has_contacted` says whether a node's own generation is known; `unwatched` is what the last pass said.
    """

    now: float
    wall: float
    retention_s: float
    silent_for_s: Callable[[str], float]
    has_contacted: Callable[[str], bool]
    unwatched: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`stale_after_s`: the silences that change placements; `next_change_at`: when time alone does."""

    postings: tuple[Posting, ...]
    documents: Mapping[str, bytes]
    stale_after_s: frozenset[float]
    next_change_at: float | None
    is_rolling: bool
    unplaced: int
    unwatched: Mapping[str, str]


def run(session: Session, circumstances: Circumstances) -> Outcome:
    stored, everyone = deployments.everyone(session), nodes.everyone(session)
    world = _world(session, stored, everyone, circumstances)
    schedule = compute(world)
    happened = _decide(session, stored, schedule)
    happened += _advance(world.runs, schedule.runs, partial(stored_runs.save, session), run_events.told)
    happened += _advance(world.profiles, schedule.profiles, partial(stored_profiles.save, session), profile_events.told)
    happened += _advance(
        world.federations, schedule.federations, partial(stored_federations.save, session), federation_events.told
    )
    happened += run_events.unwatched(circumstances.unwatched, schedule.unwatched)
    _move(session, world, schedule)
    postings = _assign(session, everyone, schedule, circumstances)
    happened += _assigned(postings)
    events.add(session, happened, now=circumstances.wall)
    return Outcome(
        postings=postings,
        documents=schedule.documents,
        stale_after_s=_silences(world),
        next_change_at=_next_change_at(world, schedule),
        is_rolling=not all(one.is_settled for one in schedule.rollouts.values()),
        unplaced=sum(len(one) for one in schedule.unplaced.values()),
        unwatched=schedule.unwatched,
    )


def _silences(world: World) -> frozenset[float]:
    of_deployments = {one.deployment.stale_after_s for one in world.desired}
    of_runs = {one.request.stale_after_s for one in world.runs}
    of_profiles = {one.wanted.stale_after_s for one in world.profiles}
    of_federations = {one.wanted.stale_after_s for one in world.federations}
    of_watches = watches.STALE_AFTER_S if world.requests else frozenset()
    return frozenset(of_deployments | of_runs | of_profiles | of_federations | of_watches)


def _next_change_at(world: World, schedule: Schedule) -> float | None:
    moments = [rollout.next_change_at(one) for one in schedule.rollouts.values()]
    moments += [runs.next_change_at(one) for one in schedule.runs]
    moments += [profiles.next_change_at(one) for one in schedule.profiles]
    moments += [federations.next_change_at(one) for one in schedule.federations]
    over = [one.state.is_final for one in schedule.runs] + [not one.is_measuring for one in schedule.profiles]
    if any(over) or any(one.is_over for one in schedule.federations):
        # Its node may be free for another run, which was placed before this one was known to be over.
        moments.append(world.now)
    return min((moment for moment in moments if moment is not None), default=None)


def _advance(
    befores: Sequence[T],
    afters: Sequence[T],
    save: Callable[[T], None],
    told: Callable[[T, T], Iterable[Happened]],
) -> list[Happened]:
    """What has changed is stored; what is to be told of it."""
    happened: list[Happened] = []
    for before, after in zip(befores, afters, strict=True):
        if after != before:
            save(after)
            happened += told(before, after)
    return happened


def _world(
    session: Session, stored: list[StoredDeployment], everyone: list[StoredNode], circumstances: Circumstances
) -> World:
    refs = {ref for one in stored for ref in rollout.upper_tier_versions(one.rollout)}
    wanted = requests.everyone(session)
    watched = sorted({one.cluster for one in wanted})
    return World(
        now=circumstances.now,
        wall=circumstances.wall,
        retention_s=circumstances.retention_s,
        nodes=[_node(one, circumstances) for one in everyone],
        desired=[Desired(deployment=one.deployment, rollout=one.rollout) for one in stored],
        models=models.those(session, refs),
        clusters={cluster.name: cluster for cluster in clusters.everyone(session)},
        placed=placements.everyone(session),
        status_of=_statuses({one.name: one for one in everyone}),
        runs=stored_runs.unfinished(session),
        requests=wanted,
        looked_after=looked_after.of_clusters(session, watched, most=watches.MOST_RANGES),
        profiles=stored_profiles.measuring(session),
        federations=stored_federations.unfinished(session),
    )


def _node(stored: StoredNode, circumstances: Circumstances) -> Node:
    return Node(
        name=stored.name,
        labels=stored.labels,
        facts=stored.facts,
        draining=stored.draining,
        takes_new=not stored.needs_confirmation,
        silent_for_s=circumstances.silent_for_s(stored.name),
    )


def _statuses(everyone: Mapping[str, StoredNode]) -> Callable[[str, str], WorkloadStatus | None]:
    """Decodes what a node said only when somebody asks: most passes ask for none."""
    decoded: dict[str, dict[str, WorkloadStatus]] = {}

    def status_of(node: str, workload: str) -> WorkloadStatus | None:
        if node not in decoded:
            # A run may lie on a node that was removed.
            statuses = everyone[node].decoded_statuses() if node in everyone else ()
            decoded[node] = {status.id: status for status in statuses}
        return decoded[node].get(workload)

    return status_of


def _decide(session: Session, stored: list[StoredDeployment], schedule: Schedule) -> list[Happened]:
    happened = []
    for one in stored:
        name = one.deployment.name
        decided, unplaced = schedule.rollouts[name], schedule.unplaced.get(name, ())
        if (decided, unplaced) != (one.rollout, one.unplaced):
            deployments.decide(session, name, rollout=decided, unplaced=unplaced)
        if decided.serving != one.rollout.serving:
            happened.append(Happened("rollout_switched", f"deployment/{name}", {"version": decided.serving.id}))
        if unplaced and unplaced != one.unplaced:
            happened.append(
                Happened("deployment_unplaced", f"deployment/{name}", {"tiers": [one.tier for one in unplaced]})
            )
    return happened


def _move(session: Session, world: World, schedule: Schedule) -> None:
    before = {one.share: one for one in world.placed}
    placements.add_documents(session, schedule.documents)
    fresh, changed = [], []
    for share, revision in schedule.shares.items():
        if share not in before:
            fresh.append(_placed(share, revision, world.now))
        elif before[share].revision != revision:
            changed.append(_placed(share, revision, world.now))
    gone = [share for share in before if share not in schedule.shares]
    placements.remove(session, gone)
    placements.add(session, fresh)
    placements.change(session, changed)
    if changed or gone:
        placements.forget_unused_documents(session)


def _placed(share: Share, revision: str, now: float) -> Placed:
    owner, part, node = share
    return Placed(owner=owner, part=part, node=node, revision=revision, since=now)


def _assign(
    session: Session, everyone: list[StoredNode], schedule: Schedule, circumstances: Circumstances
) -> tuple[Posting, ...]:
    """Give a new generation to each node whose workloads changed.

    Not to one that must be confirmed, nor to one this process has not heard from: should this database be an older
    copy, such a node may have seen the next numbers already, with other workloads behind them.
    """
    revisions: dict[str, list[str]] = defaultdict(list)
    for (_, _, name), revision in sorted(schedule.shares.items()):
        revisions[name].append(revision)
    postings = []
    for node in everyone:
        those = tuple(revisions.get(node.name, ()))
        may = not node.needs_confirmation and circumstances.has_contacted(node.name)
        if may and ",".join(those) != node.assigned:
            postings.append(Posting(node=node.name, generation=node.generation + 1, revisions=those))
    nodes.assign(session, {one.node: (one.generation, ",".join(one.revisions)) for one in postings})
    return tuple(postings)


def _assigned(postings: tuple[Posting, ...]) -> list[Happened]:
    if len(postings) > _MOST_EVENTS:
        return [Happened("assignments_changed", "nodes", {"nodes": len(postings)})]
    return [
        Happened(
            "assignment_changed", f"node/{one.node}", {"generation": one.generation, "workloads": len(one.revisions)}
        )
        for one in postings
    ]
