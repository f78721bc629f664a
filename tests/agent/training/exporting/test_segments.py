"""The parts of a network that are timed: which there are, and that together they are the network."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from agent.backends.registry import choose
from agent.training.exporting.part import Part
from agent.training.exporting.segment_check import SegmentCheck, ways
from agent.training.exporting.segments import Span, spans, travelling_bytes
from agent.training.fitting.learner import Arrays
from shared.documents import (
    Artifact,
    ArtifactFormat,
    Description,
    DType,
    ExitOutput,
    Export,
    ExportForm,
    Framework,
    PossibleCut,
    Precision,
    SubModel,
    TensorSpec,
    TierCut,
    decode,
)
from shared.documents.profile import ExportedSegment, Segments
from shared.errors import DocumentError, ModelError
from tests.agent.training.exporting.exports import NETWORK, drawn, finished, prepare

FEATURES = TensorSpec(dtype=DType.FLOAT32, shape=(4,))


def described(exits: list[bool]) -> Description:
    """A network with so many cuts, `c0` first, some with an exit."""
    cuts = tuple(
        PossibleCut(name=f"c{place}", features=FEATURES, features_bytes=16, exit=f"e{place}" if has_exit else None)
        for place, has_exit in enumerate(exits)
    )
    last = ExitOutput(name="last", output=FEATURES, cut=None)
    return Description(framework=Framework.KERAS, input=FEATURES, exits=(last,), layers=(), cuts=cuts, parameters=0)


@given(st.lists(st.booleans(), max_size=6), st.data())
def test_every_way_through_the_cuts_is_made_of_segments(exits: list[bool], data: st.DataObject) -> None:
    network = described(exits)
    chosen = data.draw(st.lists(st.sampled_from(range(len(exits))), unique=True).map(sorted)) if exits else []
    names = [f"c{place}" for place in chosen]
    found = spans(names, network)
    assert len(set(found)) == len(found)
    used = data.draw(st.lists(st.sampled_from(names), unique=True)) if names else []
    ends = [None, *sorted(used, key=names.index), None]
    assert all(Span(after=after, until=until) in found for after, until in pairwise(ends))
    assert [one.head for one in found if one.head] == [f"e{place}" for place in chosen if exits[place]]


@pytest.mark.parametrize(
    ("names", "reason"),
    [
        (["c1", "c0"], r"export\.profiled\[1\]: 'c0' does not lie above 'c1'"),
        (["c0", "block"], r"export\.profiled\[1\]: the network cannot be cut after 'block': it has 'c0', 'c1'"),
    ],
)
def test_what_is_no_cut_or_out_of_order_is_refused(names: list[str], reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        spans(names, described([False, True]))


def test_features_travel_as_a_byte_a_number_and_their_headers() -> None:
    little, much = (travelling_bytes(TensorSpec(dtype=DType.FLOAT32, shape=(n,))) for n in (10, 110))
    assert much - little == 100
    assert 100 < little - 10 < 250


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Segments]:
    export = Export(checked=16, representative=16, profiled=("low", "sent", "high"))
    folder = prepare(tmp_path_factory.mktemp("segments") / "run", NETWORK, shape=(8, 8, 1), export=export)
    for module in ("agent.training", "agent.training.exporting"):
        code, _, errors = finished(module, folder)
        assert code == 0, errors
    return folder, decode((folder / "segments.json").read_bytes(), Segments)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_segments_one_after_the_other_give_what_the_whole_gives(segments: tuple[Path, Segments]) -> None:
    folder, found = segments
    assert found.input_bytes == 64
    assert found.exits == {"edge": "edge", "cloud": "cloud"}
    assert [(one.after, one.until, one.head) for one in found.segments] == [
        (None, "low", None),
        (None, "sent", None),
        (None, "high", None),
        (None, None, None),
        ("low", "sent", None),
        ("low", "high", None),
        ("low", None, None),
        ("sent", "high", None),
        ("sent", None, None),
        ("high", None, None),
        (None, "low", "edge"),
    ]
    whole, upper, with_head = found.segments[3], found.segments[6], found.segments[10]
    records = drawn(5, 8)[0].reshape(5, 8, 8, 1)
    below = _run(folder, with_head, records)
    assert below["exit"].shape == (5, 3)
    above = _run(folder, upper, below["features"])
    assert np.allclose(above["exit"], _run(folder, whole, records)["exit"], atol=1e-5)
    assert with_head.features_bytes == found.segments[0].features_bytes > 64


class Network:
    """Answers as the segment that is all of it, and the one with the head of the exit below."""

    forms = (ExportForm(),)

    def __init__(self, folder: Path, found: Segments) -> None:
        self._folder = folder
        self._exits = {"cloud": found.segments[3], "edge": found.segments[10]}

    def answers(self, inputs: np.ndarray) -> Arrays:
        return {exit: _run(self._folder, segment, inputs)["exit"] for exit, segment in self._exits.items()}

    def severed(self, tiers: Sequence[TierCut]) -> tuple[Part, ...]:
        raise NotImplementedError


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_segment_that_is_another_program_is_found_and_named(segments: tuple[Path, Segments]) -> None:
    folder, found = segments
    check = SegmentCheck(
        trained=Network(folder, found),
        last="cloud",
        records=drawn(5, 8)[0].reshape(5, 8, 8, 1),
        export=Export(),
        path=lambda artifact: folder / artifact.file,
        threads=1,
        batch=2,
    )
    check.require_near(found.segments)
    # Of the same shapes, up to another layer.
    wrong = replace(found.segments[1], artifact=found.segments[2].artifact)
    with pytest.raises(ModelError, match=r"^the network cut after 'sent' as tflite float32 answers up to .* 0\.001 is"):
        check.require_near([found.segments[0], wrong, *found.segments[2:]])


@given(st.lists(st.booleans(), max_size=6))
def test_ways_lead_through_every_segment_from_a_record_to_an_answer(exits: list[bool]) -> None:
    network = described(exits)
    segments = [exported(span) for span in spans([cut.name for cut in network.cuts], network)]
    found = list(ways(segments))
    assert len(set(found)) == len(found)
    assert {one for way in found for one in way} == set(segments)
    for way in found:
        assert way[0].after is None
        assert all(lower.until == upper.after is not None for lower, upper in pairwise(way))
        assert all(one.head is None for one in way[:-1])
        assert (way[-1].until is None) != (way[-1].head is not None)


def exported(span: Span) -> ExportedSegment:
    artifact = Artifact(sha256="0" * 64, size_bytes=1, format=ArtifactFormat.TFLITE, precision=Precision.FLOAT32)
    return ExportedSegment(
        after=span.after,
        until=span.until,
        head=span.head,
        input=FEATURES,
        artifact=artifact,
        parameters_bytes=1,
        features_bytes=0,
    )


def _run(folder: Path, segment: ExportedSegment, records: np.ndarray) -> dict[str, np.ndarray]:
    sub_model = SubModel(
        tier="timed", input=segment.input, features=segment.features, exit=segment.exit, artifacts=(segment.artifact,)
    )
    loaded = choose(segment.artifact.format).load(folder / segment.artifact.file, sub_model, threads=1)
    outputs = loaded.infer(records)
    loaded.close()
    return {name: value for name, value in outputs._asdict().items() if value is not None}
