"""What of an agent's environment a child process is given: what its libraries need, and no secret. Pure."""

from collections.abc import Mapping
from pathlib import Path

_NAMES = frozenset({"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH", "XLA_FLAGS"})
_PREFIXES = ("TF_", "OMP_", "MKL_", "OPENBLAS_", "CUDA_", "NVIDIA_", "TORCH_", "KERAS_")


def environment(whole: Mapping[str, str], *, home: Path, temporary: Path) -> dict[str, str]:
    """`home` and `temporary`: folders of the child alone."""
    kept = {name: value for name, value in whole.items() if name in _NAMES or name.startswith(_PREFIXES)}
    return {
        **kept,
        "HOME": str(home),
        "TMPDIR": str(temporary),
        # A file in the working folder that is called as a library is not that library.
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
