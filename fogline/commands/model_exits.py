"""`fogline models exits`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fogline.command import Json, examples
from fogline.document_files import read_document
from fogline.output import Page, show
from fogline.progress import waiting
from shared.documents import Measure
from shared.errors import DocumentError, SettingsError

if TYPE_CHECKING:
    from agent.training.exiting.calibration import Calibration
    from agent.training.exiting.parts import Parts
    from agent.training.exiting.trade import Costs
    from fogline.exit_outputs import ExitOutputs

Outputs = Annotated[
    Path,
    typer.Argument(
        metavar="OUTPUTS",
        help="An .npz: `labels` [n], and for each tier an array [n, classes] called as the tier: the probabilities "
        "of its exit. In the order of the file, the last array is the last tier's.",
        show_default=False,
    ),
]
Risk = Annotated[float, typer.Option(metavar="SHARE", help="Of all records, those that may lose a right answer: 0.01.")]
Confidence = Annotated[
    float, typer.Option(metavar="SHARE", help="How sure the promise is: it may break in the rest of all trials.")
]
Seed = Annotated[int, typer.Option(min=0, metavar="N", help="Draws which records are tested. Choose it once.")]
CostsFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Times, bytes and links (JSON or TOML), for latency and bytes.")
]


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline models exits outputs.npz --risk 0.01",
            "fogline models exits outputs.npz --risk 0.01 --costs costs.json --plot trade.svg",
        )
    )(exits)


def exits(
    file: Outputs,
    *,
    risk: Risk,
    confidence: Confidence = 0.9,
    measure: Annotated[Measure, typer.Option(help="What the thresholds are compared with.")] = Measure.MAX_PROBABILITY,
    seed: Seed = 0,
    steps: Annotated[int, typer.Option(min=1, max=10_000, metavar="N", help="Of the path of thresholds.")] = 200,
    costs: CostsFile = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the whole trade: .svg or .png.")] = None,
    as_json: Json = False,
) -> None:
    """How sure each exit must be so that few right answers are lost by leaving early, with a promise.

    The outputs must come through the exported, encoded chain as it is deployed, not from the training network, and the
    records must be some that nothing was fitted on: no weights, no temperatures.
    """
    from agent.training.exiting.parts import parted
    from fogline import exit_outputs, trade_picture
    from fogline.tables.exits import calibration

    if plot is not None:
        trade_picture.require_drawable(plot)
    outputs = exit_outputs.read(file)
    if steps < outputs.early:
        raise SettingsError(f"--steps {steps} cannot lower each of {outputs.early} thresholds")
    # Temperatures stand in the exported heads already: of these records they get the least there is.
    parts = parted(len(outputs.labels), seed=seed, risk=risk, confidence=confidence, of_temperature=1e-9)
    known = None if costs is None else _costs(costs, outputs.early)
    with waiting("testing thresholds"):
        found = _calibrated(outputs, parts, measure, risk=risk, confidence=confidence, steps=steps, costs=known)
    if plot is not None:
        trade_picture.draw(found, plot)
    show(Page(document=found, view=lambda: calibration(found, outputs.tiers, parts, picture=plot)), as_json=as_json)


def _calibrated(
    outputs: "ExitOutputs",
    parts: "Parts",
    measure: Measure,
    *,
    risk: float,
    confidence: float,
    steps: int,
    costs: "Costs | None",
) -> "Calibration":
    from agent.training.exiting.calibration import calibrate

    return calibrate(
        list(outputs.probabilities.values()),
        outputs.labels,
        parts,
        measures=[measure] * outputs.early,
        risk=risk,
        confidence=confidence,
        steps=steps,
        costs=costs,
    )


def _costs(file: Path, early: int) -> "Costs":
    from agent.training.exiting.trade import Costs

    known = read_document(file, Costs)
    if len(known.links) != early:
        raise DocumentError(f"in {file}: {len(known.links)} links where {early} exits are early", field="links")
    return known
