"""The options of `fogline models cut`: where the profile comes from, and what is asked of it."""

from pathlib import Path
from typing import Annotated

import typer

from fogline.cuttings import Objective

File = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PROFILE]", help="What was measured on each tier (JSON or TOML); `-` is stdin.", show_default=False
    ),
]
Profile = Annotated[str | None, typer.Option(metavar="NAME", help="One that the control plane has, instead of a file.")]
Exits = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="With --profile: what `fogline models exits --json` printed, for who goes on."),
]
Threshold = Annotated[
    float | None,
    typer.Option(metavar="T", min=0, max=1, help="With --profile: one for all exits, instead of --exits."),
]
Out = Annotated[
    Path | None, typer.Option(metavar="FILE", help="With --profile: write what was fetched, to be read later.")
]
For = Annotated[Objective, typer.Option("--for", help="Least time, fewest bytes, or most records/s.")]
Above = Annotated[
    str | None, typer.Option(metavar="TIER", help="With --for bytes: count those on the link above it alone.")
]
Load = Annotated[float | None, typer.Option(metavar="RECORDS_PER_S", help="Only what holds so many records/s.")]
Keep = Annotated[int, typer.Option(min=1, max=1000, metavar="N", help="How many are compared.")]
