"""Labelled records from files, a block at a time: arrays, tables, folders of images."""

from fogline.datasets.dataset import Block, Dataset
from fogline.datasets.kinds import open_dataset

__all__ = ["Block", "Dataset", "open_dataset"]
