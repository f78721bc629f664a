"""An update is read as it was packed, and nothing else is."""

import numpy as np
import pytest

from agent.federation.encoding.floats import Float32
from agent.federation.encoding.int8 import Int8
from agent.federation.encoding.update import packed, unpacked
from agent.federation.weights import UnlikeError, Weights

MODEL: Weights = {"kernel": np.zeros((2, 3), np.float32), "bias": np.zeros(3, np.float32)}
CHANGE: Weights = {name: one + 1 for name, one in MODEL.items()}
CONTROL: Weights = {name: one - 2 for name, one in MODEL.items()}


def test_change_and_control_variates_arrive() -> None:
    encoding = Int8()
    change, control = unpacked(packed(encoding.encode(CHANGE), CONTROL), encoding, MODEL, controls=True)
    assert all(np.allclose(change[name], CHANGE[name]) and (control[name] == CONTROL[name]).all() for name in MODEL)


def test_without_control_variates_there_are_none() -> None:
    assert unpacked(packed(CHANGE, {}), Float32(), MODEL, controls=False)[1] == {}


@pytest.mark.parametrize(("control", "controls"), [({}, True), (CONTROL, False), ({"bias": CONTROL["bias"]}, True)])
def test_control_variates_that_were_not_asked_for_or_are_not_there_are_refused(
    control: Weights, controls: bool
) -> None:
    with pytest.raises(UnlikeError):
        unpacked(packed(CHANGE, control), Float32(), MODEL, controls=controls)
