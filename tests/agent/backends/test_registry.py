import pytest

from agent.backends.registry import available, choose
from shared.documents import ArtifactFormat
from shared.errors import UnavailableError


def test_the_installed_backends_come_in_order_of_preference() -> None:
    assert available() == ("litert", "keras", "torch")


@pytest.mark.tflite
def test_only_tflite_runtime_is_in_its_environment() -> None:
    assert available() == ("tflite",)
    assert choose(ArtifactFormat.TFLITE).name == "tflite"


def test_the_format_chooses_the_backend() -> None:
    chosen = {each: choose(each).name for each in ArtifactFormat}
    assert chosen == {ArtifactFormat.TFLITE: "litert", ArtifactFormat.KERAS: "keras", ArtifactFormat.TORCH: "torch"}


def test_a_wanted_backend_is_taken() -> None:
    assert choose(ArtifactFormat.TFLITE, "litert").name == "litert"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ("onnx", "there is no backend 'onnx': have litert, tflite, keras, torch"),
        ("keras", "reads keras files, not tflite"),
        ("tflite", r"not installed: pip install 'fogline\[tflite\]'"),
    ],
)
def test_a_wanted_backend_that_cannot_is_an_error_with_the_remedy(wanted: str, reason: str) -> None:
    with pytest.raises(UnavailableError, match=reason):
        choose(ArtifactFormat.TFLITE, wanted)
