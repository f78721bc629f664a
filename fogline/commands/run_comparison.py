"""`fogline runs compare`."""

from typing import TYPE_CHECKING, Annotated

import typer
from msgspec import Struct

from fogline import run_files
from fogline.command import Door, connected, examples
from fogline.output import Page
from fogline.progress import waiting
from shared.documents import RunView
from shared.errors import SettingsError

if TYPE_CHECKING:
    from agent.training.judging.comparison import Comparison


class Compared(Struct, frozen=True, kw_only=True):
    """`comparisons`: of the first run with each of the others, in their order."""

    runs: tuple[RunView, ...]
    comparisons: "tuple[Comparison, ...]"


def register(app: typer.Typer) -> None:
    app.command(epilog=examples("fogline runs compare 3 4", "fogline runs compare 3 4 7 --json"))(compare)


@connected
def compare(
    door: Door,
    runs: Annotated[list[int], typer.Argument(metavar="RUN RUN...", help="The first is compared with each other.")],
) -> Page:
    """Runs side by side, exit by exit, and whether chance alone would make them differ as much.

    Runs of one stream, split by one seed, are compared record by record.
    """
    from agent.training.judging.comparison import compare as compared
    from fogline.tables.comparisons import comparisons

    if len(set(runs)) < 2:
        raise SettingsError("a comparison needs two runs")
    numbers = list(dict.fromkeys(runs))
    with waiting("fetching judgements"):
        views = tuple(door.client.runs.get(number) for number in numbers)
        judged = [run_files.required_judgements(door.client, view) for view in views]
    found = tuple(compared(judged[0], other) for other in judged[1:])
    by_run = dict(zip(numbers[1:], found, strict=True))
    return Page(document=Compared(runs=views, comparisons=found), view=lambda: comparisons(views, by_run))
