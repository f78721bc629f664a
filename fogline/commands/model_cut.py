"""`fogline models cut`."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import typer

from fogline.command import Door, connected, examples
from fogline.commands import cut_flags as flags
from fogline.cuttings import Objective, Question
from fogline.document_files import read_document
from fogline.output import Page
from shared.documents import encode
from shared.errors import SettingsError
from shared.storage import replace_file

if TYPE_CHECKING:
    from agent.training.cutting.network import Profile


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline models cut profile.json",
            "fogline models cut profile.json --for bytes --above edge",
            "fogline models cut profile.toml --load 200 --json",
            "fogline models cut --profile digits --exits exits.json --out profile.json",
        )
    )(cut)


@connected
def cut(
    door: Door,
    file: flags.File = None,
    *,
    profile: flags.Profile = None,
    exits: flags.Exits = None,
    threshold: flags.Threshold = None,
    out: flags.Out = None,
    objective: flags.For = Objective.LATENCY,
    above: flags.Above = None,
    load: flags.Load = None,
    keep: flags.Keep = 5,
) -> Page:
    """Where to cut a network over the tiers, from a profile of measured times.

    Expected times are those of a record that waits for no other; the shares that go on after an exit are the profile's.
    """
    from fogline.tables.cuttings import comparison

    question = Question(objective=objective, above=above, load=load, keep=keep)
    found = question.answer(_profile(door, file, profile, exits=exits, threshold=threshold, out=out))
    return Page(document=found, view=lambda: comparison(found, question))


def _profile(
    door: Door, file: Path | None, name: str | None, *, exits: Path | None, threshold: float | None, out: Path | None
) -> "Profile":
    from agent.training.cutting.network import Profile
    from fogline.profiled import fetched

    if (file is None) == (name is None):
        raise SettingsError("give either a file or --profile NAME")
    if file is not None:
        if exits or threshold is not None or out:
            raise SettingsError("--exits, --threshold and --out go with --profile: a file has its shares")
        return read_document(file, Profile)
    assert name is not None  # noqa: S101 - or a file
    found = fetched(door.client, name, exits=exits, threshold=threshold)
    if out is not None:
        replace_file(out, msgspec.json.format(encode(found), indent=2) + b"\n")
    return found
