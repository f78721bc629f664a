"""What is near enough to the trained network."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.training.exporting.nearness import difference, require_near
from shared.documents import ArtifactFormat, Export, ExportForm, Precision
from shared.errors import ModelError

FLOAT32 = ExportForm()
INT8 = ExportForm(precision=Precision.INT8)
EXPORT = Export(tolerance=0.001, coarse_tolerance=0.25)


@given(
    st.lists(st.floats(-10, 10, width=32), min_size=1, max_size=20),
    st.integers(0, 19),
    st.floats(-10, 10, width=32),
)
def test_one_number_off_is_the_difference_wherever_it_stands(numbers: list[float], place: int, off: float) -> None:
    wanted = np.array([numbers], np.float32)
    found = wanted.astype(np.float64)
    found[0, place % len(numbers)] += off
    assert difference(found, wanted) == pytest.approx(abs(off), abs=1e-5)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("form", [FLOAT32, INT8])
@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_is_no_number_is_never_near_not_even_to_itself(number: float, form: ExportForm) -> None:
    broken = np.array([[0.5, number]], np.float32)
    with pytest.raises(ModelError):
        require_near(difference(broken, broken), form, "tier 'edge'", EXPORT)


def test_each_form_has_its_tolerance() -> None:
    require_near(0.001, FLOAT32, "tier 'edge'", EXPORT)
    require_near(0.25, INT8, "tier 'edge'", EXPORT)
    with pytest.raises(
        ModelError, match=r"tier 'edge' as tflite float32 answers up to 0\.002 away .* 0\.001 is allowed"
    ):
        require_near(0.002, FLOAT32, "tier 'edge'", EXPORT)
    with pytest.raises(ModelError, match=r"int8 .* raise `export\.coarse_tolerance` .* `export\.representative`"):
        require_near(0.3, INT8, "tier 'edge'", EXPORT)
    with pytest.raises(ModelError, match="leave float16 out"):
        require_near(0.3, ExportForm(format=ArtifactFormat.TFLITE, precision=Precision.FLOAT16), "tier 'edge'", EXPORT)
