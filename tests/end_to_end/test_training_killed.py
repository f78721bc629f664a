"""Trainer and agent killed by SIGKILL at random moments: the run ends with the bits of one that nothing happened to."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from shared.client import Client
from shared.documents import Stage
from simulations.kafka.cluster import KafkaCluster
from simulations.programs import ProgramFailedError
from simulations.stack import Stack
from tests.end_to_end import training

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

NODE = "cloud-1"
KILLS = 10
# More than ten lives of a trainer get through, however late somebody looks.
EPOCHS = 100
SEED = 5
NOTHING = -1
ALIKE = ("weights.npz", "history.json", "judgements.json")


@pytest.fixture
def stack(broker: KafkaCluster, tmp_path: Path) -> Iterator[Stack]:
    with Stack(tmp_path, agents={NODE: {"tier": "cloud"}}, bootstrap_servers=broker.bootstrap_servers) as stack:
        with stack.client() as client:
            client.clusters.put(stack.cluster("cloud"))
        yield stack


def test_ten_kills_of_trainer_and_agent_change_nothing(stack: Stack, unique: str) -> None:
    """1. a run in peace; 2. another on the same stream, its trainer or its agent killed ten times; 3. both gave the
    same weights, history and judgements, and the second is still the first attempt."""
    with stack.client() as client:
        training.register_torch(client, unique)
        wanted = training.request(unique, epochs=EPOCHS, forms=training.TORCH_FORMS)
        stored = training.stored(client, wanted, unique)
        training.send(stack, stored, unique)
        (first,) = training.runs_of(client, unique)
        in_peace = training.finished(client, first.id)
        (second,) = client.requests.reuse(unique, in_peace.stream)
        training.at_stage(client, second.id, Stage.FITTING)
        kill_at_random(stack, client, second.id, random.Random(SEED))
        disturbed = training.finished(client, second.id)
    assert disturbed.attempt == 1
    assert disturbed.test == in_peace.test
    digests = [{file.name: file.sha256 for file in run.files} for run in (in_peace, disturbed)]
    assert [digests[1][name] for name in ALIKE] == [digests[0][name] for name in ALIKE]


def kill_at_random(stack: Stack, client: Client, run: int, chance: random.Random) -> None:
    """Never twice before a step more was done: what never gets on is given up, and rightly so."""
    done = NOTHING
    for number in range(KILLS):
        try:
            trainer = learning(stack, done)
        except ProgramFailedError as error:
            error.add_note(f"after {number} kills; {client.runs.get(run)}")
            raise
        if chance.random() < 0.5:
            trainer.kill()
            trainer.wait()
            done = newest(stack)
        else:
            stack.programs[NODE].kill()
            trainer.wait()
            done = newest(stack)
            time.sleep(chance.uniform(0, 0.5))  # the random moment is what is tested
            stack.start_agent(NODE)


def learning(stack: Stack, done: int) -> psutil.Process:
    """The trainer, once it has saved a step that was not done yet."""
    found: list[psutil.Process] = []

    def is_learning() -> bool:
        found[:] = trainers(stack)
        return bool(found) and newest(stack) > done

    stack.programs[NODE].await_condition(is_learning, deadline_s=120)
    return found[0]


def trainers(stack: Stack) -> Iterator[psutil.Process]:
    """Of all processes below the agent the one that learns."""
    for one in psutil.Process(stack.programs[NODE].process.pid).children(recursive=True):
        try:
            if one.cmdline()[1:] == ["-m", "agent.training", "."]:
                yield one
        except psutil.NoSuchProcess:
            continue


def newest(stack: Stack) -> int:
    """The number of the last step that was saved whole."""
    files = stack.layout.state(NODE).glob("common/training/runs/*/checkpoints/*.checkpoint")
    return max((int(file.stem) for file in files), default=NOTHING)
