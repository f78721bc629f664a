"""Answers drawn for tests, ways to batch them, and what makes two judgements the same."""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@st.composite
def answers(draw: st.DrawFn, most_records: int = 24, exits: int = 1) -> tuple[list[Floats], Ints]:
    """Probabilities of each exit and the labels: often tied, impossible or certain, and of absent classes."""
    records, classes = draw(st.integers(1, most_records)), draw(st.integers(2, 5))
    weights = hnp.arrays(np.int64, (records, classes), elements=st.sampled_from([0, 0, 1, 1, 2, 7, 100]))
    labels = draw(hnp.arrays(np.int64, records, elements=st.integers(0, classes - 1)))
    return [distribution(draw(weights)) for _ in range(exits)], labels


def distribution(weights: NDArray[Any]) -> Floats:
    """`[n, classes]`; a row of zeros is certain of the first class."""
    weights = weights.astype(np.float64)
    weights[weights.sum(axis=1) == 0, 0] = 1
    probabilities: Floats = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
    return probabilities


def many(records: int, classes: int, seed: int, *, skill: float = 1.0) -> tuple[Floats, Ints]:
    """No ties. With a skill of 1 as often right as it is sure."""
    random = np.random.default_rng(seed)
    logits = random.normal(scale=1.5, size=(records, classes))
    chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (chances.cumsum(axis=1) < random.random((records, 1))).sum(axis=1).clip(max=classes - 1)
    given = np.exp(skill * logits)
    return (given / given.sum(axis=1, keepdims=True)).astype(np.float32), labels


cuts = st.lists(st.integers(0, 24), max_size=5).map(sorted)


def batches(places: Sequence[int], *arrays: NDArray[Any]) -> Iterator[tuple[NDArray[Any], ...]]:
    """Arrays of one length cut at these places, empty batches included."""
    for start, end in pairwise([0, *places, len(arrays[0])]):
        yield tuple(array[start:end] for array in arrays)


def assert_same(one: object, other: object, *, rel: float = 1e-12) -> None:
    """Counts and words exactly, fractions to `rel` or that much of one."""
    mine, others = (list(_leaves(msgspec.to_builtins(part), "")) for part in (one, other))
    assert len(mine) == len(others)
    for (path, value), (other_path, expected) in zip(mine, others, strict=True):
        assert path == other_path
        same = isinstance(value, float) and isinstance(expected, float)
        assert math.isclose(value, expected, rel_tol=rel, abs_tol=rel) if same else value == expected, path


def _leaves(part: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - whatever JSON holds
    inner = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list | tuple) else None
    if inner is None:
        yield path, part
        return
    for key, value in inner:
        yield from _leaves(value, f"{path}.{key}")
