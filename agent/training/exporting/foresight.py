"""What cannot be exported is known before it is trained."""

from agent.training.exporting.conversion import require_forms
from agent.training.exporting.segments import spans
from agent.training.exporting.task import ExportTask
from agent.training.exporting.tiers import settled
from agent.training.exporting.trained import FORMS
from shared.documents import Description, Task
from shared.errors import DocumentError


def require_exportable(order: ExportTask, network: Description, *, task: Task) -> None:
    """As far as the untrained network shows. Raises ModelError, DocumentError."""
    _require_labels(order.labels, network, task)
    settled(order.export, network)
    spans(order.export.profiled, network)
    require_forms(FORMS.get(network.framework, ()), order.export.forms)


def _require_labels(labels: tuple[str, ...], network: Description, task: Task) -> None:
    """Numbers that are no classes may be named or not, as a manifest's may."""
    if not labels or task is Task.VALUES:
        return
    exit = network.exits[-1]
    if len(labels) != exit.output.elements:
        named = "classes" if task is Task.CLASSIFICATION else "labels"
        raise DocumentError(
            f"{len(labels)} names, and exit {exit.name!r} knows {exit.output.elements} {named}: "
            "name each of them, in the order of the exit, or none",
            field="labels",
        )
