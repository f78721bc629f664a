"""Which kind of data set lies at a path."""

from pathlib import Path

from fogline.datasets.dataset import Dataset
from shared.errors import SettingsError


def open_dataset(path: Path, *, label_column: str | None = None, is_labelled: bool = True) -> Dataset:
    """Raises SettingsError, with the file and the place in it, for what cannot be read; UnavailableError for images
    without Pillow. Asking it for blocks may raise them as well: a large file is read while it is sent.
    """
    if path.is_dir():
        from fogline.datasets.image_folders import open_images

        return open_images(path, is_labelled=is_labelled)
    if path.suffix == ".npz":
        from fogline.datasets.array_files import open_arrays

        return open_arrays(path, is_labelled=is_labelled)
    if path.suffix == ".csv":
        from fogline.datasets.csv_files import open_csv

        return open_csv(path, label_column=label_column, is_labelled=is_labelled)
    if not path.exists():
        raise SettingsError(f"{path} is not there")
    raise SettingsError(f"{path} is neither .npz nor .csv nor a folder of images")
