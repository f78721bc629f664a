"""A window as training takes it: without the records no network can learn from."""

from dataclasses import replace

import numpy as np

from agent.training.fitting.augmentation import Augment
from agent.training.fitting.examples import Examples
from agent.training.fitting.importance import class_importance
from agent.training.online.windows import Window
from shared.documents import Task
from shared.errors import DocumentError

_NONE = np.zeros(0, np.int64)


def sound(window: Window, *, task: Task, classes: int, most_rejected: float) -> tuple[Window, int]:
    """Without the labels that are no class, and how many those were. Raises DocumentError when they are too many."""
    if task is not Task.CLASSIFICATION:
        return window, 0
    labels = window.labels.reshape(len(window.labels))
    good = (labels >= 0) & (labels < classes)
    bad = int((~good).sum())
    if bad > most_rejected * len(labels) or bad == len(labels):
        raise DocumentError(
            f"{bad} of {len(labels)} labels of window {window.head.number} are no class from 0 to {classes - 1}, "
            f"more than {most_rejected:.2%}; the first one: {labels[~good][0]}",
            field="input",
        )
    return (replace(window, inputs=window.inputs[good], labels=window.labels[good]), bad) if bad else (window, 0)


def examples(
    window: Window, *, task: Task, classes: int, class_weights: bool = False, augment: Augment | None = None
) -> Examples:
    rows = np.arange(len(window.inputs), dtype=np.int64)
    importance = None
    if class_weights and task is Task.CLASSIFICATION:
        labels = window.labels.reshape(len(rows)).astype(np.int64)
        importance = class_importance(np.bincount(labels, minlength=classes))
    return Examples(rows=window, training=rows, validation=_NONE, task=task, importance=importance, augment=augment)
