"""`fogline agent run`: becomes the agent, so a supervisor sees one process with one pid."""

import os
import sys

import typer

from fogline.command import examples

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def agent() -> None:
    """The agent of this node."""


@app.command(
    add_help_option=False,
    epilog=examples("fogline agent run --help", "fogline agent run --control-plane URL --token TOKEN"),
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False},
)
def run(context: typer.Context) -> None:
    """Run it in the foreground; all that follows is the agent's own, `--help` too."""
    # -P: a folder named `agent` in the working directory must not be taken for ours.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "agent", *context.args])  # noqa: S606 - no shell is the point
