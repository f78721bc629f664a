"""Which artifact runs where."""

import pytest

from controlplane.runnable import choose
from shared.documents import ArtifactFormat, Precision
from tests.controlplane.stage import artifact

TFLITE, INT8 = artifact(b"a"), artifact(b"b", precision=Precision.INT8)
TORCH, KERAS = artifact(b"c", format=ArtifactFormat.TORCH), artifact(b"d", format=ArtifactFormat.KERAS)
ALL = (KERAS, TORCH, INT8, TFLITE)


@pytest.mark.parametrize(
    ("backends", "wanted", "chosen"),
    [
        (("keras", "torch", "litert"), None, TFLITE),
        (("keras", "torch"), None, TORCH),
        (("tflite",), None, TFLITE),
        (("keras",), None, KERAS),
        (("keras", "litert"), "keras", KERAS),
        (("litert",), "keras", None),
        ((), None, None),
        (("coral",), None, None),
        (("coral",), "coral", KERAS),
        (("litert",), "coral", None),
    ],
)
def test_the_cheapest_backend_that_reads_it_decides(
    backends: tuple[str, ...], wanted: str | None, chosen: object
) -> None:
    assert choose(ALL, precision=Precision.FLOAT32, backends=backends, wanted=wanted) == chosen


def test_a_precision_is_never_replaced_by_another() -> None:
    assert choose(ALL, precision=Precision.INT8, backends=("litert",), wanted=None) == INT8
    assert choose(ALL, precision=Precision.FLOAT16, backends=("litert",), wanted=None) is None
