"""A network and a stream that do not belong together are told apart before anything is trained."""

import pytest

from agent.training.fitness import require_fit
from shared.documents import Description, DType, ExitOutput, Framework, Task, TensorSpec
from shared.errors import DocumentError

SCALAR = TensorSpec(dtype=DType.UINT8, shape=())


def spec(*shape: int) -> TensorSpec:
    return TensorSpec(dtype=DType.FLOAT32, shape=shape)


def network(takes: TensorSpec, gives: TensorSpec) -> Description:
    answer = ExitOutput(name="cloud", output=gives, cut=None)
    return Description(framework=Framework.KERAS, input=takes, exits=(answer,), layers=(), cuts=(), parameters=0)


@pytest.mark.parametrize("classes", [None, 10])
def test_the_type_of_records_may_differ_and_their_shape_may_not(classes: int | None) -> None:
    inputs = TensorSpec(dtype=DType.UINT8, shape=(28, 28))
    of_images = network(spec(28, 28), spec(10))
    require_fit(of_images, inputs=inputs, labels=SCALAR, task=Task.CLASSIFICATION, classes=classes)
    with pytest.raises(DocumentError, match=r"takes \[28, 28, 1\] and the stream's records are \[28, 28\]"):
        require_fit(
            network(spec(28, 28, 1), spec(10)), inputs=inputs, labels=SCALAR, task=Task.CLASSIFICATION, classes=None
        )


@pytest.mark.parametrize(
    ("gives", "why"), [((10,), "10 classes and the stream has 12"), ((1,), "two"), ((5, 2), "two")]
)
def test_an_exit_must_know_the_classes_of_the_stream(gives: tuple[int, ...], why: str) -> None:
    with pytest.raises(DocumentError, match=why):
        require_fit(network(spec(4), spec(*gives)), inputs=spec(4), labels=SCALAR, task=Task.CLASSIFICATION, classes=12)


def test_one_value_may_be_a_scalar_or_a_row_of_one() -> None:
    require_fit(network(spec(4), spec(1)), inputs=spec(4), labels=spec(), task=Task.VALUES, classes=None)
    with pytest.raises(DocumentError, match="2 values of a record and the stream's labels have 1"):
        require_fit(network(spec(4), spec(2)), inputs=spec(4), labels=spec(), task=Task.VALUES, classes=None)
