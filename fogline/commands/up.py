"""`fogline up` and `fogline down`: everything on this machine, until it is told to stop."""

from pathlib import Path
from typing import Annotated

import typer

Directory = Annotated[
    Path | None, typer.Option("--dir", help="Where its state lies.", show_default="$XDG_STATE_HOME/fogline")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
PORT = 8686
TIERS = ("edge", "fog", "cloud")


def register(app: typer.Typer) -> None:
    app.command("up", epilog="Example:  fogline up --tier edge --tier cloud")(up)
    app.command("down", epilog="Example:  fogline down --delete")(down)


def up(
    tier: Annotated[list[str] | None, typer.Option(help="A tier to run an agent for.", show_default=str(TIERS))] = None,
    bootstrap_servers: Annotated[
        str | None, typer.Option(help="Use this Kafka cluster (host:port,...) and start none.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="The control plane's; 0 takes a free one.")] = PORT,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Start Kafka, a control plane and an agent for each tier, and leave them running."""
    import msgspec
    from rich.console import Console

    from simulations.detached import DetachedStack, default_directory

    tiers = tuple(tier or TIERS)
    with Console(stderr=True).status("starting") as status:
        current = DetachedStack(directory or default_directory()).up(
            agents={f"{name}-1": {"tier": name} for name in tiers},
            clusters=tiers,
            bootstrap_servers=bootstrap_servers,
            port=port,
            say=status.update,
            on_progress=lambda done, wanted: status.update(f"fetching Kafka: {done} of {wanted} files"),
        )
    if as_json:
        print(msgspec.json.encode(current).decode())
        return
    print(f"control plane  {current.url}  (its credential: {current.credential_file})")
    print(f"Kafka          {current.bootstrap_servers}")
    print(f"agents         {', '.join(name for name in current.alive if name != 'control-plane')}")
    print("Next: fogline models register examples/fashion_mnist; fogline status; fogline down")


def down(
    delete: Annotated[bool, typer.Option("--delete", help="Throw away everything it has stored.")] = False,
    directory: Directory = None,
    as_json: AsJson = False,
) -> None:
    """Drain the agents and stop what `up` started."""
    import msgspec
    from rich.console import Console

    from simulations.detached import DetachedStack, default_directory

    with Console(stderr=True).status("stopping") as status:
        stopped = DetachedStack(directory or default_directory()).down(delete=delete, say=status.update)
    if as_json:
        print(msgspec.json.encode({"stopped": stopped}).decode())
    else:
        print(f"stopped {', '.join(stopped)}" if stopped else "nothing was running")
