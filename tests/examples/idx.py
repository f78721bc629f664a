import gzip
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt


def write_idx(path: Path, values: npt.NDArray[np.uint8]) -> None:
    head = bytes((0, 0, 8, values.ndim)) + struct.pack(f">{values.ndim}I", *values.shape)
    path.write_bytes(gzip.compress(head + values.tobytes()))
