"""What a test says, in the words of the task it was a test of."""

import pytest
from rich.console import Console, RenderableType

from agent.training.judging.comparison import compare
from agent.training.judging.judgements import Judgements
from fogline.tables import judgements
from fogline.tables.comparisons import chance, difference
from tests.fogline import judged


def text_of(shown: RenderableType) -> str:
    console = Console(width=300)
    with console.capture() as said:
        console.print(shown)
    return said.get()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (judged.classification(deployed=True), ["accuracy", "calibration error", "as deployed", "lost a right answer"]),
        (judged.multilabel(), ["every label right", "labels wrong", "edge, by label"]),
        (judged.regression(), ["RMSE", "R2", "cloud, by output"]),
    ],
    ids=["classification", "labels", "values"],
)
def test_each_kind_of_task_has_figures_of_its_own(found: Judgements, words: list[str]) -> None:
    shown = text_of(judgements.whole(found, "run 1"))
    assert [word for word in words if word not in shown] == []


def test_a_matrix_of_many_classes_is_left_to_the_picture() -> None:
    shown = text_of(judgements.whole(judged.classification(classes=40), "run 1"))
    assert "a row a true class" not in shown


def test_a_difference_says_whether_chance_alone_would_make_it() -> None:
    one, other = judged.classification(), judged.classification(seed=1, test_set="another")
    (edge, *_) = compare(one, judged.classification(seed=1)).exits
    assert chance(edge.test).startswith("no, p ")
    (apart, *_) = compare(one, other).exits
    assert chance(apart.test).endswith("points")
    assert difference(apart).endswith(" points")
    (values, *_) = compare(judged.regression(), judged.regression(seed=1)).exits
    assert (chance(values.test), "points" in difference(values)) == ("-", False)
