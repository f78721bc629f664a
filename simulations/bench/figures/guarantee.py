"""How often exits chosen by risk break their promise: the network of the example, on calibration sets drawn anew.

The images that ship with the example, which no training has seen, are taken to be all there are: what share of them a
choice harms is counted, not estimated. Each calibration set is drawn from them with replacement, parted, given its path
and tested as `fogline models exits` does it, through the artifacts and the encoding that a deployment has.
"""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import numpy as np

from agent.training.exiting.outcomes import Outcomes, exits_taken, harmed, judged, shares
from agent.training.exiting.parts import parted
from agent.training.exiting.path import falling_path
from agent.training.exiting.risk import choose
from agent.training.exporting.chain import opened
from shared.documents import ExportForm, FeaturesEncoding, Measure, ModelManifest, decode
from simulations.bench.bench import Bench
from simulations.bench.experiment import Samples
from simulations.bench.report import Better, Figure

FOLDER = Path(__file__).parents[3] / "examples" / "fashion_mnist"
SETS, RECORDS = 200, 3000
RISK, CONFIDENCE = 0.01, 0.9
BROKEN = 1 - CONFIDENCE
# By chance alone a rule that breaks one promise in ten breaks more than this in one run of forty.
MOST_BROKEN = round(BROKEN + 2 * sqrt(BROKEN * CONFIDENCE / SETS), 4)


class Guarantee:
    name = "guarantee"
    figures: Sequence[Figure] = (
        Figure(
            name=name,
            title=f"share of {SETS} calibration sets whose exits harm more than the risk, confidence {CONFIDENCE}",
            must=MOST_BROKEN,
            aim=round(BROKEN, 4),
            better=Better.LOWER,
        ),
    )

    def run(self, bench: Bench) -> Samples:
        samples = Samples()
        everybody = _everybody()
        for number in range(bench.rounds):
            bench.say(f"guarantee, round {number + 1}")
            tried = [_tried(everybody, np.random.default_rng([number, one])) for one in range(SETS)]
            harms, early = np.array(tried).T
            samples.add(
                self.name,
                float((harms > RISK).mean()),
                harmed=(float(harms.mean() * 100), "%"),
                answered_early=(float(early.mean() * 100), "%"),
            )
        return samples


def _everybody() -> Outcomes:
    """What the shipped artifacts make of the shipped images, features encoded on their way."""
    manifest = decode((FOLDER / "manifest.json").read_bytes(), ModelManifest)
    with np.load(FOLDER / "sample.npz") as sample:
        images, labels = sample["images"], sample["labels"]
    with opened(
        manifest.sub_models,
        ExportForm(),
        lambda artifact: FOLDER / artifact.file,
        threads=1,
        encoding=FeaturesEncoding.U8,
    ) as chain:
        exits = chain.answers(images)
    probabilities = [exits[one.tier] for one in manifest.sub_models]
    return judged(probabilities, labels, [Measure.MAX_PROBABILITY] * (len(probabilities) - 1))


def _tried(everybody: Outcomes, random: np.random.Generator) -> tuple[float, float]:
    """The true harm, and the true share answered early, of the exits that one calibration set leads to."""
    drawn = everybody.at(random.integers(0, len(everybody), RECORDS))
    parts = parted(RECORDS, seed=int(random.integers(2**32)), risk=RISK, confidence=CONFIDENCE)
    path = falling_path(drawn.at(parts.path))
    step = choose(path, drawn.at(parts.test), risk=RISK, confidence=CONFIDENCE).step
    taken = exits_taken(everybody, path[step])
    return float(harmed(everybody, taken).mean()), 1 - shares(everybody, taken)[-1]
