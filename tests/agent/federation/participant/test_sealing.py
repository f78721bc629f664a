"""What is sealed is whole and never changes; what it leaves for the next update counts once it was sent."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from agent.federation.aggregation.strategy import Local
from agent.federation.encoding.floats import Float16
from agent.federation.encoding.update import unpacked
from agent.federation.participant import sealing
from agent.federation.participant.journal import Journal, Underway, opened, save
from agent.federation.participant.places import Places, kept
from agent.federation.weights import UnlikeError, Weights
from agent.training import array_file, results
from agent.training.fitting.scores import Score
from agent.training.results import History
from agent.training.running.outcome import CrashedError, HopelessError
from agent.workloads import entries
from shared.documents import Cluster, Description, DType, Framework, NetworkSource, SourceFile, TensorSpec, encode
from shared.documents.federation import EncodingKind, Federation, Requirements, UpdateEncoding
from shared.documents.federation_workloads import ParticipantWorkload
from shared.streams.inputs import RawInput

BASE: Weights = {"kernel": np.ones((2, 3), np.float32), "bias": np.zeros(3, np.float32)}
# Not to be had in half precision.
AFTER: Weights = {name: one + np.float32(1 + 2**-13) for name, one in BASE.items()}
NOTHING = Description(
    framework=Framework.TORCH,
    input=TensorSpec(dtype=DType.UINT8, shape=(2,)),
    exits=(),
    layers=(),
    cuts=(),
    parameters=0,
)


def document(**changes: object) -> ParticipantWorkload:
    federation = Federation(
        name="shapes",
        network="shapes",
        cluster="platform",
        encoding=UpdateEncoding(kind=EncodingKind.FLOAT16),
        metrics=("cloud/accuracy", "cloud/loss", "edge/loss"),
    )
    source = SourceFile(sha256="0" * 64, size_bytes=1)
    return ParticipantWorkload(
        id="participant.shapes",
        clusters=(Cluster(name="platform", bootstrap_servers=("127.0.0.1:9",)),),
        federation=msgspec.structs.replace(federation, **changes),
        edition=2,
        network=NetworkSource(name="shapes", files=(source,)),
    )


def trained(folder: Path, after: Weights = AFTER) -> Places:
    places = Places.of(folder, "participant.shapes")
    places.attempt.mkdir(parents=True)
    array_file.write(places.base, dict(BASE))
    results.write(
        places.attempt,
        "one",
        weights={**after, "steps": np.array(3)},
        description=NOTHING,
        judgements=None,
        history=History(exits=("cloud",), epochs=(), best=None),
        test={"cloud": Score(loss=0.5, accuracy=0.75)},
        records=90,
        steps=6,
    )
    return places


def seal(places: Places, number: int = 4, **changes: object) -> None:
    sealing.seal(places, document(**changes), Local(), participant="north", base=7, number=number)


def test_what_was_sealed_is_found_as_it_was(tmp_path: Path) -> None:
    places = trained(tmp_path)
    assert sealing.sealed(places) is None
    seal(places)
    manifest = sealing.sealed(places)
    assert manifest is not None
    assert (manifest.federation, manifest.edition, manifest.participant) == ("shapes", 2, "north")
    assert (manifest.number, manifest.base, manifest.records, manifest.steps) == (4, 7, 90, 6)
    assert manifest.metrics == {"cloud/accuracy": 0.75, "cloud/loss": 0.5}
    raw = (places.outgoing / "content").read_bytes()
    change, _ = unpacked(raw, Float16(), BASE, controls=False)
    assert all((one == 1).all() for one in change.values())


def test_what_its_encoding_lost_counts_once_it_was_sent(tmp_path: Path) -> None:
    places = trained(tmp_path)
    seal(places)
    assert not places.lost.exists()
    sealing.settle(places)
    sealing.settle(places)
    assert all((one == np.float32(2**-13)).all() for one in array_file.read(places.lost).values())
    arrived = 1.0
    for number in range(5, 12):
        seal(places, number)
        change, _ = unpacked((places.outgoing / "content").read_bytes(), Float16(), BASE, controls=False)
        arrived += float(change["bias"][0])
        sealing.settle(places)
    # In the end all of it, though not even a half of what a half can tell was lost each time.
    assert arrived == 8 * (1 + 2**-13)


@pytest.mark.parametrize("name", ["content", "manifest"])
@pytest.mark.parametrize("is_gone", [True, False])
def test_what_is_damaged_was_not_sealed(tmp_path: Path, name: str, is_gone: bool) -> None:
    places = trained(tmp_path)
    seal(places)
    file = places.outgoing / name
    if is_gone:
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-1])
    assert sealing.sealed(places) is None


def test_weights_that_are_no_numbers_are_not_sent(tmp_path: Path) -> None:
    places = trained(tmp_path, {**AFTER, "bias": np.full(3, np.inf, np.float32)})
    with pytest.raises(UnlikeError, match="'bias' holds NaN or infinities"):
        seal(places)
    assert sealing.sealed(places) is None


def test_an_update_of_too_few_records_is_not_sent(tmp_path: Path) -> None:
    with pytest.raises(HopelessError, match="90 records were left to train on, and 91 are asked for"):
        seal(trained(tmp_path), requirements=Requirements(records=91))


def test_what_the_networks_code_left_to_be_read_instead_is_not(tmp_path: Path) -> None:
    places = trained(tmp_path)
    (tmp_path / "secret.npz").write_bytes((places.attempt / "weights.npz").read_bytes())
    (places.attempt / "weights.npz").unlink()
    (places.attempt / "weights.npz").symlink_to(tmp_path / "secret.npz")
    with pytest.raises(HopelessError, match="leads elsewhere"):
        seal(places)


def test_a_trainer_that_left_no_results_has_crashed(tmp_path: Path) -> None:
    places = trained(tmp_path)
    (places.attempt / "done").unlink()
    with pytest.raises(CrashedError, match="training ended without a result"):
        seal(places)


def test_an_update_that_is_over_leaves_nothing_but_what_the_next_one_needs(tmp_path: Path) -> None:
    places = trained(tmp_path)
    seal(places)
    sealing.settle(places)
    sealing.remove(places)
    assert sorted(one.name for one in places.folder.iterdir()) == ["base.npz", "lost.npz"]
    sealing.forget(places)
    assert not places.lost.exists()


def test_a_journal_is_of_one_edition(tmp_path: Path) -> None:
    given = RawInput(data_type="uint8", label_type="uint8")
    underway = Underway(base=3, work="w", ranges=(), input=given, validation=0.1, test=0.2)
    journal = Journal(federation="shapes", edition=2, number=5, base=2, underway=underway)
    assert opened(tmp_path, federation="shapes", edition=2) is None
    save(tmp_path, journal)
    assert opened(tmp_path, federation="shapes", edition=2) == journal
    assert opened(tmp_path, federation="shapes", edition=3) is None


def test_a_participants_folder_is_kept_as_long_as_it_is_assigned(tmp_path: Path) -> None:
    found = entries([msgspec.Raw(encode(document()))]).values()
    (name,) = kept(list(found))
    assert tmp_path / name == Places.of(tmp_path, "participant.shapes").folder
