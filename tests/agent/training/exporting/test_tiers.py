"""Which tier runs what: as asked, or as the exits hang."""

import msgspec
import pytest

from agent.training.exporting.tiers import settled
from shared.documents import (
    Description,
    DType,
    ExitOutput,
    Export,
    Framework,
    PossibleCut,
    TensorSpec,
    TierCut,
)
from shared.errors import DocumentError, ModelError

ANSWER = TensorSpec(dtype=DType.FLOAT32, shape=(3,))


def cut(name: str, exit: str | None = None) -> PossibleCut:
    return PossibleCut(name=name, features=ANSWER, features_bytes=12, exit=exit)


NETWORK = Description(
    framework=Framework.KERAS,
    input=ANSWER,
    exits=(
        ExitOutput(name="edge", output=ANSWER, cut="low"),
        ExitOutput(name="cloud", output=ANSWER, cut=None),
    ),
    layers=(),
    cuts=(cut("low", "edge"), cut("middle"), cut("high")),
    parameters=0,
)


def named(*names: str) -> Description:
    exits = tuple(msgspec.structs.replace(one, name=name) for one, name in zip(NETWORK.exits, names, strict=True))
    return msgspec.structs.replace(NETWORK, exits=exits)


def test_without_a_word_every_exit_is_a_tier_cut_where_its_head_hangs() -> None:
    assert settled(Export(), NETWORK) == (
        TierCut(tier="edge", cut="low", exit="edge"),
        TierCut(tier="cloud", cut=None, exit="cloud"),
    )


def test_what_was_asked_for_is_kept_and_a_tier_need_not_answer() -> None:
    asked = (
        TierCut(tier="box", cut="low", exit="edge"),
        TierCut(tier="fog", cut="high"),
        TierCut(tier="cloud", exit="cloud"),
    )
    assert settled(Export(tiers=asked), NETWORK) == asked


@pytest.mark.parametrize("name", ["first exit", "Edge", "edge.1", "a" * 64, "labels"])
def test_a_name_no_tier_may_have_is_said_with_the_remedy(name: str) -> None:
    with pytest.raises(ModelError, match=f"no tier can be called '{name}'"):
        settled(Export(), named(name, "cloud"))


@pytest.mark.parametrize(
    ("tiers", "why"),
    [
        ([TierCut(tier="edge", cut="lower", exit="edge"), TierCut(tier="cloud", exit="cloud")], r"\[0\]\.cut: .*'low'"),
        ([TierCut(tier="edge", cut="low", exit="none"), TierCut(tier="cloud", exit="cloud")], r"\[0\]\.exit: .*'edge'"),
        (
            [TierCut(tier="a", cut="high"), TierCut(tier="b", cut="middle"), TierCut(tier="c", exit="cloud")],
            r"\[1\]\.cut: 'middle' does not lie above 'high'",
        ),
        (
            [TierCut(tier="a", cut="low"), TierCut(tier="b", cut="low"), TierCut(tier="c", exit="cloud")],
            r"\[1\]\.cut: 'low' does not lie above 'low'",
        ),
    ],
)
def test_cuts_and_exits_the_network_does_not_have_are_refused_with_their_place(tiers: list[TierCut], why: str) -> None:
    with pytest.raises(DocumentError, match=rf"export\.tiers{why}"):
        settled(Export(tiers=tuple(tiers)), NETWORK)
