"""Vibrations of a turning machine, made from a seed: what its sensor would send, and what was wrong with it.

Textbook signatures, in multiples of the shaft's frequency f: imbalance shakes at f across the shaft, misalignment at 2f
and along it, looseness at f/2 with clipped peaks, and a damaged bearing knocks 3.6 times a turn, each knock ringing out
at a resonance of the housing. Speed, severity, phase and noise differ from window to window.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

CONDITIONS = ("normal", "imbalance", "misalignment", "looseness", "bearing")
SAMPLES = 64
AXES = 2
SAMPLE_RATE_HZ = 500.0
RESONANCE_HZ = 170.0
KNOCKS_PER_TURN = 3.6
KNOCK_DECAY_S = 0.006

Signal = npt.NDArray[np.float64]


class Windows(NamedTuple):
    vibrations: npt.NDArray[np.float32]
    """(n, 64, 2), acceleration in g: across the shaft, along it"""
    conditions: npt.NDArray[np.int32]
    """(n,), index into CONDITIONS"""


def windows(count: int, *, seed: int) -> Windows:
    """The same seed gives the same windows."""
    random = np.random.default_rng(seed)
    conditions = random.integers(len(CONDITIONS), size=count, dtype=np.int32)
    vibrations = np.stack([window(CONDITIONS[condition], random) for condition in conditions])
    return Windows(vibrations.round(3).astype(np.float32), conditions)


def window(condition: str, random: np.random.Generator) -> Signal:
    time_s = np.arange(SAMPLES) / SAMPLE_RATE_HZ + random.uniform(0, 1)
    shaft_hz = random.uniform(20, 30)
    turns = shaft_hz * time_s
    severity = random.uniform(0.25, 1.0)
    across = residual_imbalance(turns, random)
    along = 0.3 * across
    match condition:
        case "imbalance":
            across = across + severity * wave(turns, random)
        case "misalignment":
            along = along + severity * wave(2 * turns, random)
            across = across + 0.3 * severity * wave(2 * turns, random)
        case "looseness":
            across = np.clip(
                across + severity * wave(turns / 2, random) + 0.5 * severity * wave(turns, random), -0.6, 0.6
            )
        case "bearing":
            across = across + severity * knocks(turns, shaft_hz, random)
    noise = random.normal(scale=random.uniform(0.05, 0.25), size=(SAMPLES, AXES))
    return np.stack([across, along], axis=1) + noise


def residual_imbalance(turns: Signal, random: np.random.Generator) -> Signal:
    """No rotor is perfect: a healthy machine shakes a little too."""
    return random.uniform(0.0, 0.2) * wave(turns, random)


def wave(turns: Signal, random: np.random.Generator) -> Signal:
    return np.sin(2 * np.pi * (turns + random.uniform()))


def knocks(turns: Signal, shaft_hz: float, random: np.random.Generator) -> Signal:
    since_knock_s = ((KNOCKS_PER_TURN * turns + random.uniform()) % 1) / (KNOCKS_PER_TURN * shaft_hz)
    return np.exp(-since_knock_s / KNOCK_DECAY_S) * np.sin(2 * np.pi * RESONANCE_HZ * since_knock_s)
