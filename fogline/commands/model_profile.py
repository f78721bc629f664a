"""`fogline models profile`."""

from typing import Annotated

import typer

from fogline.command import Door, connected, examples
from fogline.output import Page
from fogline.profiling_options import profiling
from fogline.progress import waiting
from fogline.tables.profiles import profile as shown
from shared.documents.profile import ProfileState, ProfileView
from shared.errors import SettingsError

FAILED = 1
Tiers = Annotated[
    list[str] | None,
    typer.Option("--tier", metavar="TIER=KEY:VALUE", help="The sensor's first, and which node times it. Repeatable."),
]
Links = Annotated[
    list[str] | None,
    typer.Option(
        "--link",
        metavar="BYTES_PER_S:FIXED_S",
        help="Between each two tiers; without any they are measured. Repeatable.",
    ),
]
Clusters = Annotated[
    list[str] | None,
    typer.Option(metavar="TIER=CLUSTER", help="Where records come in to a tier: links are measured to it. Repeatable."),
]
Memory = Annotated[
    list[str] | None,
    typer.Option(metavar="TIER=BYTES", help="For the parameters of what a tier may be given. Repeatable."),
]
Repetitions = Annotated[
    int | None, typer.Option(metavar="N", help="How many times each segment is timed at least (100).")
]
Deadline = Annotated[float | None, typer.Option(metavar="SECONDS", min=1, help="After which it has failed (1800).")]


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline models profile digits --run 3 --tier edge=tier:edge --tier cloud=tier:cloud --link 250000:0.012",
            "fogline models profile digits --run 3 --tier edge --tier cloud --cluster cloud=main --wait",
            "fogline models profile digits",
        )
    )(profile)


@connected
def profile(
    door: Door,
    name: Annotated[str, typer.Argument(metavar="PROFILE", help="Its name.", show_default=False)],
    run: Annotated[
        int | None, typer.Option(metavar="RUN", min=1, help="A finished run that left segments to be timed.")
    ] = None,
    tier: Tiers = None,
    link: Links = None,
    cluster: Clusters = None,
    memory: Memory = None,
    repetitions: Repetitions = None,
    deadline: Deadline = None,
    wait: Annotated[bool, typer.Option("--wait", help="Until it has finished or failed.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Forget it.")] = False,
) -> Page:
    """Time the parts of a trained network on the nodes that may run them; without --run, how a profile stands."""
    if remove:
        door.client.profiles.delete(name)
        return Page(document={"removed": name}, view=lambda: f"{name} is removed.")
    if run is None and (tier or link or cluster or memory):
        raise SettingsError("what is to be timed needs --run; without it a profile is shown")
    if run is None:
        return _page(_waited(door, door.client.profiles.get(name), wait=wait))
    wanted = profiling(
        name,
        run,
        tier or (),
        links=link or (),
        clusters=cluster or (),
        memory=memory or (),
        repetitions=repetitions,
        deadline_s=deadline,
    )
    return _page(_waited(door, door.client.profiles.put(wanted), wait=wait))


def _waited(door: Door, view: ProfileView, *, wait: bool) -> ProfileView:
    if not wait or view.state is not ProfileState.MEASURING:
        return view
    # It ends by itself at its deadline; this is for a control plane that does not.
    with waiting("timing segments"):
        return door.client.profiles.wait(view.profiling.name, deadline_s=view.profiling.deadline_s + 60)


def _page(view: ProfileView) -> Page:
    code = FAILED if view.state is ProfileState.FAILED else 0
    return Page(document=view, view=lambda: shown(view), exit_code=code)
