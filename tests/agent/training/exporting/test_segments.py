"""The parts of a network that are timed: which there are, and that together they are the network."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.backends.registry import choose
from agent.training.exporting.segments import Span, spans, travelling_bytes
from shared.documents import (
    Description,
    DType,
    ExitOutput,
    Export,
    Framework,
    PossibleCut,
    SubModel,
    TensorSpec,
    decode,
)
from shared.documents.profile import ExportedSegment, Segments
from shared.errors import DocumentError
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
    export = Export(checked=16, representative=16, profiled=("low", "sent"))
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
        (None, None, None),
        ("low", "sent", None),
        ("low", None, None),
        ("sent", None, None),
        (None, "low", "edge"),
    ]
    whole, upper = found.segments[2], found.segments[4]
    with_head = found.segments[6]
    records = drawn(5, 8)[0].reshape(5, 8, 8, 1)
    below = _run(folder, with_head, records)
    assert below["exit"].shape == (5, 3)
    above = _run(folder, upper, below["features"])
    assert np.allclose(above["exit"], _run(folder, whole, records)["exit"], atol=1e-5)
    assert with_head.features_bytes == found.segments[0].features_bytes > 64


def _run(folder: Path, segment: ExportedSegment, records: np.ndarray) -> dict[str, np.ndarray]:
    sub_model = SubModel(
        tier="timed", input=segment.input, features=segment.features, exit=segment.exit, artifacts=(segment.artifact,)
    )
    loaded = choose(segment.artifact.format).load(folder / segment.artifact.file, sub_model, threads=1)
    outputs = loaded.infer(records)
    loaded.close()
    return {name: value for name, value in outputs._asdict().items() if value is not None}
