"""What cannot become of a network is said before it is trained."""

import msgspec
import pytest

from agent.training.exporting.foresight import require_exportable
from agent.training.exporting.task import ExportTask
from shared.documents import Export, ExportForm, Framework, Task, TierCut
from shared.documents.model import ArtifactFormat
from shared.errors import DocumentError, ModelError
from tests.agent.training.exporting.test_tiers import NETWORK

THREE = ("slash", "backslash", "bar")


def order(labels: tuple[str, ...] = (), export: Export | None = None) -> ExportTask:
    return ExportTask(model="strokes", labels=labels, export=export or Export())


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("labels", [(), THREE])
def test_as_many_names_as_classes_or_none(task: Task, labels: tuple[str, ...]) -> None:
    require_exportable(order(labels), NETWORK, task=task)


@pytest.mark.parametrize("labels", [THREE[:2], (*THREE, "dot")])
@pytest.mark.parametrize(("task", "named"), [(Task.CLASSIFICATION, "classes"), (Task.MULTI_LABEL, "labels")])
def test_too_few_or_too_many_names_are_one_line(labels: tuple[str, ...], task: Task, named: str) -> None:
    with pytest.raises(DocumentError, match=f"^labels: {len(labels)} names, and exit 'cloud' knows 3 {named}: ") as it:
        require_exportable(order(labels), NETWORK, task=task)
    assert it.value.field == "labels"
    assert "\n" not in str(it.value)


def test_numbers_that_are_no_classes_need_no_name_each() -> None:
    require_exportable(order(THREE[:1]), NETWORK, task=Task.VALUES)


@pytest.mark.parametrize(
    ("export", "error"),
    [
        (Export(tiers=(TierCut(tier="a", cut="nowhere"), TierCut(tier="b", exit="cloud"))), DocumentError),
        (Export(profiled=("nowhere",)), DocumentError),
        (Export(forms=(ExportForm(format=ArtifactFormat.TORCH),)), (DocumentError, ModelError)),
    ],
    ids=["cut", "profiled", "form"],
)
def test_what_the_network_does_not_have_cannot_be_exported(
    export: Export, error: type[Exception] | tuple[type[Exception], ...]
) -> None:
    network = msgspec.structs.replace(NETWORK, framework=Framework.KERAS)
    with pytest.raises(error, match="export"):
        require_exportable(order(THREE, export), network, task=Task.CLASSIFICATION)
