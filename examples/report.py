"""The table of an example: measured from its artifacts, written into its README.md and `evaluation.json`."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from examples import manifests
from examples.continuum import answer
from examples.evaluation import Evaluation, Labels, Report, choose, evaluate
from shared.documents.model import Precision
from shared.errors import SettingsError

Tensor = npt.NDArray[np.generic]

PRECISIONS = (Precision.FLOAT32, Precision.INT8)
BEGIN, END = "<!-- evaluate: begin -->", "<!-- evaluate: end -->"


def measure(folder: Path, sets: Mapping[str, tuple[Tensor, Labels]]) -> Report:
    """Evaluate the artifacts in a folder; the threshold is chosen on the first set, in float32."""
    manifest = manifests.read(folder)
    measured = {
        name: {
            precision: evaluate(answer(manifest, folder, records, precision=precision), labels, manifest)
            for precision in PRECISIONS
        }
        for name, (records, labels) in sets.items()
    }
    first = next(iter(measured.values()))
    return Report(threshold=choose(first[Precision.FLOAT32]), sets=measured)


def write(report: Report, folder: Path) -> None:
    """Put the report into `evaluation.json`, its tables into README.md and its figures into the manifest.

    Raises SettingsError when README.md lacks the two marks the tables stand between.
    """
    # Not by the documents' encoder: it sorts, and the order of tiers is their order on the way to the cloud.
    (folder / "evaluation.json").write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    manifest = manifests.read(folder)
    manifests.write(msgspec.structs.replace(manifest, metrics=metrics(report)), folder)
    readme = folder / "README.md"
    readme.write_text(between_marks(readme.read_text(encoding="utf-8"), markdown(report)), encoding="utf-8")


def metrics(report: Report) -> dict[str, float]:
    first = next(iter(report.sets.values()))[Precision.FLOAT32]
    exits = {f"accuracy_{tier}": accuracy for tier, accuracy in first.exits.items()}
    return {**exits, "accuracy_whole": first.at(report.threshold).accuracy, "threshold": report.threshold}


def between_marks(text: str, new: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SettingsError(f"README.md has no place for the tables: it needs the lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{new}\n{END}{after}"


def markdown(report: Report) -> str:
    lines = [
        "Right, each tier alone on all records, and the whole at the threshold "
        f"{report.threshold:g} (`max_probability`, at every exit but the last):",
        "",
        *exits_table(report),
    ]
    for precision, evaluation in next(iter(report.sets.values())).items():
        lines += ["", f"At other thresholds, {precision}, {evaluation.records:,} records:", ""]
        lines += outcomes_table(evaluation)
    return "\n".join([*lines, ""])


def exits_table(report: Report) -> list[str]:
    rows = [
        [
            f"{name} ({evaluation.records:,} records)",
            precision.value,
            *map(percent, evaluation.exits.values()),
            percent(evaluation.at(report.threshold).accuracy),
        ]
        for name, evaluations in report.sets.items()
        for precision, evaluation in evaluations.items()
    ]
    tiers = [*next(iter(next(iter(report.sets.values())).values())).exits]
    return table(["set", "artifacts", *tiers, "whole"], rows)


def outcomes_table(evaluation: Evaluation) -> list[str]:
    first = evaluation.outcomes[0]
    header = ["threshold", *(f"answered at {tier}" for tier in first.answered), "right", "harmed"]
    header += [f"bytes up from {tier}" for tier in first.uplink_bytes]
    rows = [
        [
            f"{one.threshold:g}",
            *map(percent, one.answered.values()),
            percent(one.accuracy),
            percent(one.harmed),
            *(f"{cost:.1f}" for cost in one.uplink_bytes.values()),
        ]
        for one in evaluation.outcomes
    ]
    return table(header, rows)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    ruler = ["---", *("---:" for _ in header[1:])]
    return ["| " + " | ".join(cells) + " |" for cells in (header, ruler, *rows)]


def percent(fraction: float) -> str:
    return f"{100 * fraction:.1f} %"
