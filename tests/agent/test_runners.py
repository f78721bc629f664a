"""All runners of a node at once: whatever is assigned and whatever crashes, in any order, it ends as assigned."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.backoff import Backoff
from agent.kinds import kinds
from agent.runner import Workshop
from agent.runners import Runners
from agent.workload import RestartNeededError, RunningWorkload
from agent.workloads import Entry, entries, read
from shared.documents import InferenceWorkload, Phase, Workload
from shared.errors import ClusterError, ModelError
from tests.agent.documents import assignment, workload
from tests.agent.scripted import Scripted


@dataclass(frozen=True)
class Assign:
    """Version by id."""

    versions: Mapping[str, int]


@dataclass(frozen=True)
class Crash:
    id: str


@dataclass(frozen=True)
class Refuse:
    """From now on this life of the workload refuses updates, live or at all."""

    id: str
    needs_restart: bool


IDS = st.sampled_from(["a", "b", "c"])
VERSIONS = st.dictionaries(IDS, st.integers(1, 3))
EVENTS = st.lists(
    st.one_of(st.builds(Assign, VERSIONS), st.builds(Crash, IDS), st.builds(Refuse, IDS, st.just(True))), max_size=12
)


class Node:
    def __init__(self) -> None:
        self.lives: dict[str, list[Scripted]] = {}
        self.forgotten: list[str] = []
        self.settled: list[dict[str, str]] = []
        self.pulse = asyncio.Event()
        workshop = Workshop(
            read=lambda entry: read(entry, kinds(), {}),
            build=self.build,
            drain_deadline_s=5,
            retry=Backoff(first_s=0.001, cap_s=0.001),
        )
        self.runners = Runners(
            workshop,
            proven={},
            changed=self.pulse.set,
            proved=lambda entries: None,
            forgotten=self.forgotten.append,
            settled=self.note_settled,
        )

    async def build(self, entry: Entry, document: Workload, changed: Callable[[], None]) -> RunningWorkload:
        assert isinstance(document, InferenceWorkload)
        life = Scripted(document, changed)
        self.lives.setdefault(entry.id, []).append(life)
        asyncio.get_running_loop().call_soon(life.start)
        return life

    def note_settled(self, running: object) -> None:
        self.settled.append(self.running())

    def assign(self, versions: Mapping[str, int]) -> None:
        documents = (workload(id, version=version) for id, version in versions.items())
        self.runners.assign(entries(assignment(1, *documents).workloads))

    def running(self) -> dict[str, str]:
        return {one.id: one.versions[0] for one in self.runners.statuses() if one.phase is Phase.RUNNING}

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not holds():
                self.pulse.clear()
                await self.pulse.wait()

    def latest(self, id: str) -> Scripted | None:
        lives = self.lives.get(id)
        return lives[-1] if lives and not lives[-1].crash.done() else None


def as_assigned(versions: Mapping[str, int]) -> dict[str, str]:
    return {id: f"m/{version}" for id, version in versions.items()}


async def play(events: Sequence[Assign | Crash | Refuse]) -> None:
    node, wanted = Node(), dict[str, int]()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(node.runners.run())
        for event in events:
            match event:
                case Assign(versions):
                    wanted = dict(versions)
                    node.assign(wanted)
                case Crash(id) if life := node.latest(id):
                    life.crash.set_exception(ClusterError("told to crash"))
                case Refuse(id, needs_restart) if life := node.latest(id):
                    life.refusal = RestartNeededError("told to") if needs_restart else ModelError("told to")
            await asyncio.sleep(0)
        await node.until(lambda: node.running() == as_assigned(wanted) and len(node.runners.statuses()) == len(wanted))
        await node.runners.drain()
        assert {one.phase for one in node.runners.statuses()} <= {Phase.STOPPED}
        running.cancel()


@given(EVENTS)
@settings(max_examples=150)
def test_any_sequence_of_assignments_and_crashes_converges(events: list[Assign | Crash | Refuse]) -> None:
    asyncio.run(play(events))


async def test_it_is_settled_once_everything_runs_as_assigned_and_not_before() -> None:
    node = Node()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(node.runners.run())
        node.assign({"a": 1, "b": 1})
        await node.until(lambda: len(node.settled) == 1)
        life = node.latest("a")
        assert life is not None
        life.refusal = ModelError("not a model")
        node.assign({"a": 2, "b": 1})
        await node.until(lambda: any(one.reason for one in node.runners.statuses()))
        node.assign({"a": 1, "b": 2})
        await node.until(lambda: len(node.settled) == 2)
        await node.runners.drain()
        running.cancel()
    assert node.settled == [as_assigned({"a": 1, "b": 1}), as_assigned({"a": 1, "b": 2})]


async def test_a_workload_that_is_gone_is_forgotten() -> None:
    node = Node()
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(node.runners.run())
        node.assign({"a": 1, "b": 1})
        await node.until(lambda: len(node.running()) == 2)
        node.assign({"b": 1})
        await node.until(lambda: len(node.runners.statuses()) == 1)
        await node.runners.drain()
        running.cancel()
    assert node.forgotten == ["a"]
