"""What the end of a process means."""

import pytest

from agent.training.running.confined import Ending
from agent.training.running.outcome import (
    CrashedError,
    HopelessError,
    LeftError,
    control_plane_answers,
    require_well,
)
from shared.errors import ClusterError, ControlPlaneError, FoglineError, StorageError


@pytest.mark.parametrize(
    ("ending", "kind", "said"),
    [
        (Ending(status=3, errors=("training: rates: no record",)), HopelessError, "rates: no record"),
        (Ending(status=5, errors=("noise", "training: clouds.py:1: no")), HopelessError, "clouds.py:1: no"),
        (Ending(status=7, errors=("training: broker gone",)), ClusterError, "broker gone"),
        (Ending(status=8, errors=("training: disk full",)), StorageError, "disk full"),
        (Ending(status=143), LeftError, "asked to leave"),
        (Ending(status=-15), LeftError, "asked to leave"),
        (Ending(status=-9), CrashedError, "short of memory"),
        (Ending(status=-11), CrashedError, "ended by SIGSEGV"),
        (Ending(status=-9, exceeded="had 600 processes"), CrashedError, "training had 600 processes"),
        (Ending(status=1, errors=("Traceback", "KeyError: 'x'")), CrashedError, "ended with 1: KeyError: 'x'"),
    ],
)
def test_an_ending_is_one_clear_line_of_its_kind(ending: Ending, kind: type[FoglineError], said: str) -> None:
    with pytest.raises(FoglineError) as raised:
        require_well(ending, what="training")
    assert type(raised.value) is kind
    assert said in str(raised.value)


def test_a_process_that_ended_well_raises_nothing() -> None:
    require_well(Ending(status=0, errors=("a warning",)), what="training")


@pytest.mark.parametrize(("status", "hopeless"), [(0, False), (401, False), (503, False), (409, True), (422, True)])
def test_what_the_control_plane_will_say_again_is_final(status: int, hopeless: bool) -> None:
    with pytest.raises(HopelessError if hopeless else ControlPlaneError), control_plane_answers():
        raise ControlPlaneError("no", status=status)


def test_two_uploads_of_the_same_bytes_wait_for_each_other() -> None:
    with pytest.raises(ControlPlaneError), control_plane_answers(conflict_passes=True):
        raise ControlPlaneError("another upload is going on", status=409)
