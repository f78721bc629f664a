"""What holds for every encoding, and what each keeps."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from agent.federation.encoding.encoding import Encoding
from agent.federation.encoding.encodings import encoding as asked_for
from agent.federation.encoding.feedback import encoded
from agent.federation.encoding.floats import Float16, Float32
from agent.federation.encoding.int8 import Int8
from agent.federation.encoding.top_k import TopK
from agent.federation.weights import UnlikeError, Weights
from shared.documents.federation import EncodingKind, UpdateEncoding

EVERY: list[Encoding] = [Float32(), Float16(), Int8(), TopK(share=0.3)]
SHAPES = {"kernel": (3, 4), "bias": (5,), "scalar": ()}
MODEL: Weights = {name: np.zeros(shape, np.float32) for name, shape in SHAPES.items()}

every_encoding = pytest.mark.parametrize("encoding", EVERY, ids=lambda one: type(one).__name__)
numbers = st.floats(-1e4, 1e4, width=32)
changes = st.fixed_dictionaries(
    {name: hnp.arrays(np.float32, shape, elements=numbers) for name, shape in SHAPES.items()}
)


def size(tensors: Mapping[str, NDArray[Any]]) -> int:
    return sum(one.nbytes for one in tensors.values())


@every_encoding
@given(change=changes)
def test_what_arrives_is_like_the_model_and_nowhere_further_from_what_was_sent_than_nothing(
    encoding: Encoding, change: Weights
) -> None:
    arrived = encoding.decode(encoding.encode(change), MODEL)
    for name, one in change.items():
        assert (arrived[name].dtype, arrived[name].shape) == (one.dtype, one.shape)
        assert (np.abs(arrived[name] - one) <= np.abs(one).max(initial=0) / 254 * 1.01 + np.abs(one)).all()


@every_encoding
@given(change=changes)
def test_the_same_change_gives_the_same_bytes(encoding: Encoding, change: Weights) -> None:
    once, again = encoding.encode(change), encoding.encode({name: one.copy() for name, one in change.items()})
    assert {name: one.tobytes() for name, one in once.items()} == {name: one.tobytes() for name, one in again.items()}


@given(changes)
def test_float32_loses_nothing(change: Weights) -> None:
    arrived = Float32().decode(Float32().encode(change), MODEL)
    assert all((arrived[name] == change[name]).all() for name in change)


@given(changes)
def test_a_byte_a_weight_is_off_by_half_a_step_at_most(change: Weights) -> None:
    arrived = Int8().decode(Int8().encode(change), MODEL)
    for name, one in change.items():
        assert (np.abs(arrived[name] - one) <= np.abs(one).max(initial=0) / 254 * 1.0001 + 1e-30).all()


@given(changes)
def test_the_greatest_changes_arrive(change: Weights) -> None:
    arrived = TopK(share=0.3).decode(TopK(share=0.3).encode(change), MODEL)
    for name, one in change.items():
        left_out = np.abs(one[arrived[name] == 0])
        taken = np.abs(one[arrived[name] != 0])
        # A half may round the least of changes to nothing.
        assert not taken.size or left_out.max(initial=0) <= taken.min() + 1e-7


@every_encoding
@given(some=st.lists(changes, min_size=1, max_size=8))
def test_with_feedback_only_the_last_loss_is_missing_in_the_end(encoding: Encoding, some: list[Weights]) -> None:
    lost: Weights = {}
    arrived = {name: np.zeros(shape, np.float64) for name, shape in SHAPES.items()}
    for change in some:
        sent, lost = encoded(encoding, change, lost)
        for name, one in encoding.decode(sent, MODEL).items():
            arrived[name] += one
    for name in SHAPES:
        whole = np.sum([change[name].astype(np.float64) for change in some], axis=0)
        assert np.allclose(arrived[name] + lost[name], whole, atol=0.1)


@pytest.mark.parametrize(("encoding", "most"), [(Float16(), 0.5), (Int8(), 0.251), (TopK(share=0.05), 0.076)])
def test_how_many_bytes_travel(encoding: Encoding, most: float) -> None:
    change = {"kernel": np.random.default_rng(1).normal(size=(400, 120)).astype(np.float32)}
    assert size(encoding.encode(change)) <= most * size(change)


@every_encoding
def test_zeros_arrive_as_zeros(encoding: Encoding) -> None:
    arrived = encoding.decode(encoding.encode(MODEL), MODEL)
    assert all(not one.any() for one in arrived.values())


@pytest.mark.parametrize("encoding", [Float16(), TopK(share=1)])
def test_what_is_too_great_for_a_half_is_its_greatest(encoding: Encoding) -> None:
    change = {**MODEL, "bias": np.full(5, -1e9, np.float32)}
    assert encoding.decode(encoding.encode(change), MODEL)["bias"].tolist() == [-65504] * 5


CHANGE: Weights = {name: np.ones(shape, np.float32) for name, shape in SHAPES.items()}


@every_encoding
@pytest.mark.parametrize("name", SHAPES)
def test_a_missing_tensor_is_refused_by_its_name(encoding: Encoding, name: str) -> None:
    sent = {each: one for each, one in encoding.encode(CHANGE).items() if each != name}
    with pytest.raises(UnlikeError, match=f"tensor '{name}' is missing"):
        encoding.decode(sent, MODEL)


@every_encoding
@pytest.mark.parametrize("other", EVERY, ids=lambda one: type(one).__name__)
def test_another_encoding_is_refused(encoding: Encoding, other: Encoding) -> None:
    if encoding is other:
        return
    with pytest.raises(UnlikeError):
        encoding.decode(other.encode(CHANGE), MODEL)


@every_encoding
@pytest.mark.parametrize("dtype", [np.float64, np.int64, np.float32, np.float16, np.int8])
def test_another_shape_is_refused(encoding: Encoding, dtype: type[np.generic]) -> None:
    sent = {**encoding.encode(CHANGE), "bias": np.ones(6, dtype)}
    with pytest.raises(UnlikeError, match="bias"):
        encoding.decode(sent, MODEL)


@pytest.mark.parametrize("scale", [np.nan, -1.0, np.inf])
def test_a_scale_that_is_none_is_refused(scale: float) -> None:
    sent = {**Int8().encode(CHANGE), "scale:bias": np.array(scale, np.float32)}
    with pytest.raises(UnlikeError, match="bias"):
        Int8().decode(sent, MODEL)


@pytest.mark.parametrize("places", [[5], [4, 3], [2, 2], [4294967295]])
def test_places_that_are_none_are_refused(places: list[int]) -> None:
    sent = {
        **TopK(share=1).encode(CHANGE),
        "at:bias": np.array(places, np.uint32),
        "bias": np.ones(len(places), np.float16),
    }
    with pytest.raises(UnlikeError, match="'at:bias' is no list of places from 0 to 4"):
        TopK(share=1).decode(sent, MODEL)


def test_each_kind_that_a_document_can_name_is_one_of_them() -> None:
    given = [asked_for(UpdateEncoding(kind=kind, share=0.3)) for kind in EncodingKind]
    assert given == EVERY
