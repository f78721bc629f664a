"""What an update weighs and takes on its way, and what is left of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agent.federation.encoding.floats import Float32
from agent.federation.weights import Weights
from agent.federation.wire.tensors import to_bytes
from shared.documents.federation import EncodingKind, UpdateEncoding
from simulations.experiment.quantities import Bandwidth
from simulations.federation.document import Attack, Link
from simulations.federation.hostile import HostileSite, drawn, flipped
from simulations.federation.links import LinkedSite, encoding_of, size_up
from simulations.federation.virtual import Learnt

MODEL: Weights = {"bias": np.zeros(50, np.float32), "kernel": np.zeros((40, 50), np.float32)}
KINDS = pytest.mark.parametrize("kind", list(EncodingKind))


@dataclass(frozen=True, kw_only=True)
class Site:
    """One that always learns the same."""

    name: str = "site"
    joins_at: float = 0.0

    def learn(self, model: Weights, handed_down: Mapping[str, NDArray[Any]], number: int) -> Learnt:
        return Learnt(change=change(), records=10, steps=1)

    def lasts(self, number: int) -> float:
        return 10.0

    def leaves_after(self, number: int) -> bool:
        return number >= 3


def change() -> dict[str, NDArray[np.float32]]:
    random = np.random.default_rng(1)
    return {name: random.normal(size=one.shape).astype(np.float32) for name, one in MODEL.items()}


def linked(kind: EncodingKind, link: Link | None = None) -> LinkedSite:
    encoding = encoding_of(UpdateEncoding(kind=kind, share=0.05))
    up, down = size_up(encoding, MODEL, controls=False), size_up(Float32(), MODEL, controls=False)
    return LinkedSite(site=Site(), encoding=encoding, link=link or Link(), up_bytes=up, down_bytes=down)


@KINDS
def test_the_size_that_was_reckoned_with_is_the_size_that_is_sent(kind: EncodingKind) -> None:
    one = linked(kind)
    for number in range(1, 4):
        one.learn(MODEL, {}, number)
    assert (one.up, one.down, one.sent) == (3 * one.up_bytes, 3 * len(to_bytes(MODEL)), 3)


@KINDS
def test_in_the_end_everything_arrives(kind: EncodingKind) -> None:
    one, updates = linked(kind), 60
    arrived = [one.learn(MODEL, {}, number).change for number in range(1, updates + 1)]
    for name, learnt in change().items():
        mean = np.mean([each[name] for each in arrived], axis=0)
        assert np.abs(mean - learnt).max() <= 0.5 * np.abs(learnt).max()
    assert one.learn(MODEL, {}, 1).change["kernel"].shape == (40, 50)


def test_a_byte_a_weight_is_about_a_quarter() -> None:
    assert linked(EncodingKind.INT8).up_bytes < 0.3 * linked(EncodingKind.FLOAT32).up_bytes
    assert linked(EncodingKind.TOP_K).up_bytes < 0.15 * linked(EncodingKind.FLOAT32).up_bytes


@given(st.floats(1e3, 1e9), st.floats(1e3, 1e9))
def test_bytes_take_their_time_up_and_down(up: float, down: float) -> None:
    one = linked(EncodingKind.FLOAT32, Link(up=Bandwidth(up), down=Bandwidth(down)))
    assert one.lasts(1) == pytest.approx(10 + one.up_bytes / up + one.down_bytes / down)
    assert linked(EncodingKind.FLOAT32).lasts(1) == 10


@pytest.mark.parametrize(("attack", "factor"), [(Attack.SIGN_FLIP, -1), (Attack.SCALE, 100), (Attack.LABEL_FLIP, 1)])
def test_a_hostile_site_sends_what_it_was_told_to(attack: Attack, factor: float) -> None:
    one = HostileSite(honest=Site(), attack=attack)
    sent = one.learn(MODEL, {}, 1)
    assert all(np.allclose(sent.change[name], factor * learnt) for name, learnt in change().items())
    assert (one.name, one.lasts(1), one.joins_at, one.leaves_after(3)) == ("site", 10, 0, True)


def test_one_that_sends_no_numbers_sends_none() -> None:
    sent = HostileSite(honest=Site(), attack=Attack.NAN).learn(MODEL, {}, 1)
    assert all(np.isnan(one).all() for one in sent.change.values())


@given(st.integers(1, 100), st.data(), st.integers(0, 2**32 - 1))
def test_as_many_are_hostile_as_was_said(sites: int, data: st.DataObject, seed: int) -> None:
    hostile = data.draw(st.integers(0, sites))
    chosen = drawn(sites, hostile, seed)
    assert len(chosen) == hostile
    assert chosen <= set(range(sites))
    assert chosen == drawn(sites, hostile, seed)


def test_flipping_labels_twice_gives_them_back() -> None:
    truth = np.arange(10)
    assert (flipped(flipped(truth, 10), 10) == truth).all()
    assert not (flipped(truth, 10) == truth).any()
