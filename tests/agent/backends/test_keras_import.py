"""What comes with Keras, in a process that has imported nothing else."""

import subprocess
import sys

import pytest

IMPORT = "import sys\nfrom agent.backends import keras_import\ntensorflow, keras = keras_import.imported()\n"


@pytest.mark.parametrize("before", ["", "import sklearn.base\n"])
def test_scikit_learn_and_matplotlib_come_when_somebody_else_wants_them(before: str) -> None:
    brought = "said = [name for name in ('sklearn', 'matplotlib') if name in sys.modules]\n"
    wanted = "from sklearn.base import BaseEstimator\nfrom matplotlib import pyplot\n"
    told = "print(*said, keras.backend.backend(), tensorflow.constant(BaseEstimator is not pyplot).numpy())\n"
    command = [sys.executable, "-c", before + IMPORT + brought + wanted + told]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert said == [*(["sklearn"] if before else []), "tensorflow", "True"]
