"""Who shares a shelf, what a run goes on with, and what is removed."""

import asyncio
from collections.abc import Collection
from pathlib import Path

import msgspec

from agent.kinds import kinds
from agent.tidying import Tidier
from agent.training.running import ledger
from agent.training.running.folders import kept, run_folder, shelf_places
from agent.workloads import Entry, entries
from shared.documents import Cluster, PseudoLabels, encode
from shared.documents.training_workloads import TRAINING, TrainingWorkload
from shared.streams.ranges import Range
from tests.agent.training.running.attempts import announced, training

CLUSTER = Cluster(name="here", bootstrap_servers=("localhost:1",))
RUN = training(CLUSTER, announced("stream", end=10))


def entry(document: TrainingWorkload) -> Entry:
    return entries((msgspec.Raw(encode(document)),))[document.id]


def shelf(document: TrainingWorkload) -> str:
    return shelf_places(document)[0].name


def test_runs_that_read_the_same_records_have_one_shelf() -> None:
    other = training(CLUSTER, announced("stream", end=10), run=2, network="other")
    assert shelf(other) == shelf(RUN)
    for changed in (
        training(CLUSTER, announced("stream", end=11)),
        msgspec.structs.replace(RUN, cluster="elsewhere"),
        msgspec.structs.replace(RUN, most_rejected=0.5),
    ):
        assert shelf(changed) != shelf(RUN)


def test_records_without_labels_have_a_shelf_of_their_own_where_they_are_learnt_from() -> None:
    unlabelled = (Range(topic="stream", partition=0, start=10, end=20),)
    announcement = msgspec.structs.replace(RUN.announcement, unlabelled_ranges=unlabelled)
    document = msgspec.structs.replace(RUN, announcement=announcement)
    assert len(shelf_places(document)) == 1
    labelled, other = shelf_places(msgspec.structs.replace(document, pseudo_labels=PseudoLabels()))
    assert (labelled.is_labelled, other.is_labelled, other.ranges) == (True, False, unlabelled)
    assert labelled.name == shelf(RUN)


def test_another_attempt_goes_on_with_what_is_there_and_begins_to_count_anew(tmp_path: Path) -> None:
    first = ledger.opened(tmp_path / "run", RUN)
    ledger.save(tmp_path / "run", msgspec.structs.replace(first, crashes=2))
    (tmp_path / "run" / "checkpoint").touch()
    moved = msgspec.structs.replace(RUN, clusters=(msgspec.structs.replace(CLUSTER, bootstrap_servers=("b:1",)),))
    assert ledger.opened(tmp_path / "run", moved).crashes == 2
    second = ledger.opened(tmp_path / "run", msgspec.structs.replace(RUN, attempt=2))
    assert (second.attempt, second.crashes, second.handed_in) == (2, 0, False)
    assert (tmp_path / "run" / "checkpoint").exists()


def test_other_work_under_the_same_name_begins_in_an_empty_folder(tmp_path: Path) -> None:
    ledger.opened(tmp_path / "run", RUN)
    (tmp_path / "run" / "checkpoint").touch()
    ledger.opened(tmp_path / "run", msgspec.structs.replace(RUN, split_seed=7))
    assert not (tmp_path / "run" / "checkpoint").exists()


async def test_folders_go_when_the_last_run_that_needs_them_has_gone(tmp_path: Path) -> None:
    other = training(CLUSTER, announced("stream", end=10), run=2)
    common = tmp_path / "common" / TRAINING
    for name in kept([entry(RUN), entry(other)]):
        (common / name).mkdir(parents=True)
    (common / "shelves" / "old").mkdir()
    needed: Collection[Entry] = (entry(other),)
    tidier = Tidier(tmp_path / "common", tmp_path / "leaving", kinds=kinds(), needed=lambda: needed)
    tidier.tidy()
    there = {f"{one.parent.name}/{one.name}" for one in common.glob("*/*")}
    assert there == {run_folder("run.2"), shelf(RUN)}
    removing = asyncio.create_task(tidier.run())
    async with asyncio.timeout(60):
        while [*(tmp_path / "leaving").glob("*")]:  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.01)
    removing.cancel()
