"""Experiments for these tests, and how they are made from the settings that matter."""

from typing import Any

from simulations.experiment.codec import decode
from simulations.experiment.document import Experiment

TWO_TIERS = """
api_version = "fogline/v1"
kind = "experiment"
name = "two-tiers"
links = [
    { between = ["clients", "edge"], latency = "1 ms" },
    { between = ["edge", "cloud"], preset = "4g" },
]

[[tiers]]
name = "edge"
exit = { threshold = 0.8 }

[[tiers]]
name = "cloud"

[load]
rate = "5 /s"
duration = "30 s"
"""


def experiment(**parts: Any) -> Experiment:  # noqa: ANN401 - any part of a document
    """Edge and cloud under a steady load, its parts replaced as they would stand in a file."""
    whole: dict[str, Any] = {
        "api_version": "fogline/v1",
        "kind": "experiment",
        "name": "made",
        "tiers": [{"name": "edge", "exit": {}}, {"name": "cloud"}],
        "load": {"rate": "5 /s", "duration": "30 s"},
    }
    return decode(whole | parts)
