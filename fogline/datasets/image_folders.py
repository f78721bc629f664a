"""A folder of images: each folder in it is a class. Needs Pillow, the extra `images`."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from fogline.datasets.dataset import Block, Dataset
from shared.errors import SettingsError, UnavailableError

SUFFIXES = (".png", ".jpg", ".jpeg")
_BLOCK_BYTES = 2**20
_GREY = ("1", "L", "LA")
_COLOUR = ("P", "PA", "RGB", "RGBA", "CMYK", "YCbCr")


def open_images(folder: Path, *, is_labelled: bool) -> Dataset:
    """Of one size, uint8 [height, width, 1] where all are grey, else [height, width, 3]. Without labels the folders in
    it mean nothing.

    Each file is looked at before the first one is sent. Raises SettingsError naming the file.
    """
    pillow = _pillow()
    files = _files(folder)
    classes = tuple(sorted({file.relative_to(folder).parts[0] for file in files})) if is_labelled else ()
    if is_labelled:
        _require_classes(folder, files)
    size, mode = _size_and_mode(pillow, files)
    rows = max(1, _BLOCK_BYTES // (size[0] * size[1] * len(mode)))

    def blocks() -> Iterator[Block]:
        for start in range(0, len(files), rows):
            part = files[start : start + rows]
            x = np.stack([_pixels(pillow, file, mode) for file in part])
            places = [classes.index(file.relative_to(folder).parts[0]) for file in part] if is_labelled else None
            yield Block(x, None if places is None else np.array(places, np.int64))

    return Dataset(total=len(files), classes=classes, blocks=blocks)


def _files(folder: Path) -> list[Path]:
    """All of them, at any depth. Those whose name begins with a dot are nobody's data."""
    found = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    foreign = next((file for file in found if file.suffix.lower() not in SUFFIXES), None)
    if foreign is not None:
        raise SettingsError(f"{foreign} is neither PNG nor JPEG: take it out of the folder")
    if not found:
        raise SettingsError(f"{folder} holds no images, PNG or JPEG")
    return found


def _require_classes(folder: Path, files: list[Path]) -> None:
    loose = next((file for file in files if file.parent == folder), None)
    if loose is not None:
        raise SettingsError(f"{loose} lies in no folder of a class: the name of its folder is its label")


def _size_and_mode(pillow: Any, files: list[Path]) -> tuple[tuple[int, int], str]:  # noqa: ANN401 - an extra's module
    """From their first bytes alone."""
    first, are_grey = None, True
    for file in files:
        with _opened(pillow, file) as image:
            if first is not None and image.size != first:
                raise SettingsError(f"{file} is {_shown(image.size)}, {files[0]} {_shown(first)}: give all one size")
            if image.mode not in _GREY + _COLOUR:
                raise SettingsError(f"{file} has more than 8 bits a colour ({image.mode}): convert it")
            first, are_grey = image.size, are_grey and image.mode in _GREY
    return first or (0, 0), "L" if are_grey else "RGB"


def _pixels(pillow: Any, file: Path, mode: str) -> NDArray[np.uint8]:  # noqa: ANN401 - as above
    with _opened(pillow, file) as image:
        pixels = np.asarray(image.convert(mode), np.uint8)
    return pixels.reshape(*pixels.shape[:2], -1)


@contextmanager
def _opened(pillow: Any, file: Path) -> Iterator[Any]:  # noqa: ANN401 - as above
    try:
        with pillow.open(file, formats=("PNG", "JPEG")) as image:
            yield image
    except (OSError, ValueError, SyntaxError, pillow.DecompressionBombError) as error:
        raise SettingsError(f"{file} cannot be read as PNG or JPEG: {error}") from error


def _pillow() -> Any:  # noqa: ANN401 - as above
    try:
        return import_module("PIL.Image")
    except ImportError as error:
        raise UnavailableError("folders of images need Pillow: install fogline[images]") from error


def _shown(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"
