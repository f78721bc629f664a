"""Whether a network and a stream belong together. Pure."""

from shared.documents import Description, Task, TensorSpec
from shared.errors import DocumentError


def require_fit(
    network: Description, *, inputs: TensorSpec, labels: TensorSpec, task: Task, classes: int | None
) -> None:
    """`inputs` and `labels`: of one record on the shelf. Raises DocumentError, naming both sides."""
    if network.input.shape != inputs.shape:
        raise DocumentError(
            f"the network takes {list(network.input.shape)} and the stream's records are {list(inputs.shape)}: "
            "give the network that input, or reshape within it",
            field="source",
        )
    answer = network.exits[-1].output
    if task is not Task.CLASSIFICATION:
        if answer.elements != labels.elements:
            raise DocumentError(
                f"an exit gives {answer.elements} values of a record and the stream's labels have {labels.elements}",
                field="source",
            )
        if task is Task.MULTI_LABEL and len(answer.shape) != 1:
            raise DocumentError(f"an exit gives {list(answer.shape)} of a record: it is to be [labels]", field="source")
        return
    if len(answer.shape) != 1 or answer.elements < 2:
        raise DocumentError(
            f"an exit gives {list(answer.shape)} of a record: of a classification it is [classes], at least two",
            field="source",
        )
    if classes not in (None, answer.elements):
        raise DocumentError(f"an exit knows {answer.elements} classes and the stream has {classes}", field="source")
