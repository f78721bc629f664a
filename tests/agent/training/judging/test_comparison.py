"""Two runs side by side: in pairs where they judged the same records, apart where that is not known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.judging.comparison import Apart, Comparison, Figure, Paired, compare
from agent.training.judging.deployed import answering
from agent.training.judging.judgements import Judgements, JudgementsTally
from agent.training.judging.proportions import mcnemar
from shared.documents.codec import decode, encode
from shared.documents.deployment import ExitPolicy
from shared.documents.model import Task
from shared.errors import DocumentError
from tests.agent.training.judging.cases import Floats, Ints, answers, many

Answers = tuple[list[Floats], Ints]


def judged(
    outputs: list[Floats], labels: Ints, *, test_set: str = "clothes", names: tuple[str, ...] = ("edge", "cloud")
) -> Judgements:
    tally = JudgementsTally(exits=names, task=Task.CLASSIFICATION, outputs=outputs[0].shape[1], test_set=test_set)
    answered_by = answering(outputs, [ExitPolicy(threshold=0.6), None])
    tally.add(dict(zip(names, outputs, strict=True)), labels, answered_by)
    return tally.result()


def drawn(seed: int, *, test_set: str = "clothes", records: int = 200) -> Judgements:
    """Runs of one test set have its labels, whatever their seed."""
    labels = np.random.default_rng(9).integers(0, 4, records)
    return judged([many(records, 4, seed)[0], many(records, 4, seed + 100)[0]], labels, test_set=test_set)


def test_the_same_records_are_compared_in_pairs() -> None:
    labels = np.array([0, 0, 0, 0, 0, 1])
    one = np.eye(2, dtype=np.float32)[[0, 0, 0, 0, 1, 1]]
    other = np.eye(2, dtype=np.float32)[[1, 1, 1, 0, 0, 1]]
    found = compare(judged([one, one], labels), judged([other, one], labels))
    edge, cloud, deployed = found.exits
    assert edge.test == Paired(first_only=3, second_only=1, p_value=mcnemar(3, 1))
    assert cloud.test == Paired(first_only=0, second_only=0, p_value=1.0)
    assert edge.difference == pytest.approx(-2 / 6)
    assert [edge.exit, cloud.exit, deployed.exit] == ["edge", "cloud", "deployed"]
    assert found.unpaired_because == ""


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (drawn(2, test_set="shoes"), "other records"),
        (drawn(2, records=150), "other records"),
        (drawn(2, test_set=""), "no name"),
    ],
)
def test_other_records_are_compared_by_an_interval_which_says_why(second: Judgements, reason: str) -> None:
    found = compare(drawn(1), second)
    assert reason in found.unpaired_because
    for one in found.exits:
        assert isinstance(one.test, Apart)
        assert one.test.lower <= one.difference <= one.test.upper


def test_runs_without_verdicts_are_compared_by_an_interval() -> None:
    tally = JudgementsTally(exits=("edge",), task=Task.CLASSIFICATION, outputs=2, test_set="clothes")
    tally.add({"edge": np.eye(2)}, np.arange(2))
    kept = tally.result()
    dropped = Judgements(task=kept.task, test_set=kept.test_set, records=kept.records, exits=kept.exits)
    assert "not kept" in compare(kept, dropped).unpaired_because


@given(answers(exits=2))
def test_a_run_does_not_differ_from_itself(case: Answers) -> None:
    found = judged(*case)
    for one in compare(found, found).exits:
        assert one.difference == 0
        assert one.test == Paired(first_only=0, second_only=0, p_value=1.0)


@given(st.integers(0, 50), st.integers(0, 50), st.sampled_from(["clothes", "shoes"]))
def test_turned_round_only_the_sign_changes(seed: int, other_seed: int, test_set: str) -> None:
    first, second = drawn(seed, records=40), drawn(other_seed, test_set=test_set, records=40)
    for one, other in zip(compare(first, second).exits, compare(second, first).exits, strict=True):
        assert one.difference == pytest.approx(-other.difference)
        match one.test, other.test:
            case Paired() as test, Paired() as turned:
                assert test.p_value == pytest.approx(turned.p_value)
            case Apart() as test, Apart() as turned:
                assert (test.lower, test.upper) == pytest.approx((-turned.upper, -turned.lower), abs=1e-12)
            case _:
                pytest.fail("one is paired and the other is not")


def test_a_comparison_travels_as_json_and_names_its_test() -> None:
    for test_set, name in (("clothes", b"mcnemar_exact"), ("shoes", b"newcombe_10")):
        found = compare(drawn(1), drawn(2, test_set=test_set))
        assert decode(encode(found), Comparison) == found
        assert name in encode(found)


def test_exits_that_only_one_has_are_named() -> None:
    outputs, labels = many(30, 3, seed=1)
    found = compare(judged([outputs, outputs], labels), judged([outputs, outputs], labels, names=("fog", "cloud")))
    assert [one.exit for one in found.exits] == ["cloud", "deployed"]
    assert (found.only_first, found.only_second) == (("edge",), ("fog",))


def values(threshold: float | None) -> Judgements:
    tally = JudgementsTally(exits=("edge",), task=Task.VALUES, outputs=2, threshold=threshold)
    tally.add({"edge": np.full((4, 2), 0.5)}, np.eye(2)[[0, 0, 1, 1]])
    return tally.result()


def test_plain_numbers_are_compared_without_a_test() -> None:
    (one,) = compare(values(None), values(None)).exits
    assert (one.figure, one.first, one.difference, one.test) == (Figure.RMSE, 0.5, 0.0, None)


def test_networks_of_other_kinds_are_not_compared() -> None:
    with pytest.raises(DocumentError, match="subset_accuracy of one and rmse of the other"):
        compare(values(0.5), values(None))
    with pytest.raises(DocumentError, match="not between 0 and 1"):
        compare(values(None), values(None), confidence=1)
