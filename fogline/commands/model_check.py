"""`fogline models check`."""

import asyncio
from typing import Annotated

import typer

from fogline.command import Json, examples
from fogline.output import Page, show
from shared.documents import Framework


def register(app: typer.Typer) -> None:
    app.command(
        epilog=examples(
            "fogline models check network.py",
            "fogline models check network.py --framework torch --json",
            "fogline models check edge=edge.py fog=fog.py cloud=cloud.py",
            "fogline models check network.py --timeout 300 --memory 8192",
        )
    )(check)


def check(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="The network's file, or TIER=FILE for each of a chain.", show_default=False
        ),
    ],
    *,
    framework: Annotated[Framework, typer.Option(help="What it is written in.")] = Framework.KERAS,
    timeout: Annotated[
        float, typer.Option("--timeout", min=1, metavar="SECONDS", help="How long it may take to be made.")
    ] = 60.0,
    memory: Annotated[
        int,
        typer.Option("--memory", min=64, metavar="MIB", help="How much memory it may hold, its framework included."),
    ] = 4096,
    as_json: Json = False,
) -> None:
    """What a network's file holds: layers, operations, exits, and bytes at each possible cut; or what is wrong with it.

    The file runs in a process of its own: without a network, without this environment's secrets, in bounded time and
    memory. Where the kernel has Landlock it reads nothing of yours but itself, and writes nothing.
    """
    from agent.training.networks.checking import Allowed, description_of
    from fogline.network_files import named_files
    from fogline.tables.descriptions import description

    allowed = Allowed(seconds=timeout, memory_bytes=memory * 2**20)
    found = asyncio.run(description_of(named_files(files), framework, allowed=allowed))
    show(Page(document=found, view=lambda: description(found)), as_json=as_json)
