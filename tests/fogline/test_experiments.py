"""What commands that run experiments have in common."""

from pathlib import Path

import pytest

from fogline.experiments import going_on


def test_who_interrupts_a_run_is_told_how_to_go_on(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(KeyboardInterrupt), going_on(Path("runs/one")):
        raise KeyboardInterrupt
    assert "--out runs/one" in capsys.readouterr().err
