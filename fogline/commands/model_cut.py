"""`fogline models cut`."""

from pathlib import Path
from typing import Annotated

import typer

from fogline.command import Json, examples
from fogline.cuttings import Objective, Question
from fogline.document_files import read_document
from fogline.output import Page, show


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline models cut profile.json",
            "fogline models cut profile.json --for bytes --above edge",
            "fogline models cut profile.toml --load 200 --json",
        )
    )(cut)


def cut(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="PROFILE", help="What was measured on each tier (JSON or TOML); `-` is stdin.", show_default=False
        ),
    ],
    *,
    objective: Annotated[
        Objective, typer.Option("--for", help="Least time, fewest bytes, or most records/s.")
    ] = Objective.LATENCY,
    above: Annotated[
        str | None, typer.Option(metavar="TIER", help="With --for bytes: count those on the link above it alone.")
    ] = None,
    load: Annotated[
        float | None, typer.Option(metavar="RECORDS_PER_S", help="Only what holds so many records/s.")
    ] = None,
    keep: Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="How many are compared.")] = 5,
    as_json: Json = False,
) -> None:
    """Where to cut a network over the tiers, from a profile of measured times.

    Expected times are those of a record that waits for no other; the shares that go on after an exit are the profile's.
    """
    from agent.training.cutting.network import Profile
    from fogline.tables.cuttings import comparison

    question = Question(objective=objective, above=above, load=load, keep=keep)
    found = question.answer(read_document(file, Profile))
    show(Page(document=found, view=lambda: comparison(found, question)), as_json=as_json)
