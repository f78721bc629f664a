"""`fogline`: each noun is a file of `fogline.commands`, and only those that were named are loaded."""

import logging
import os
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec

import typer

from fogline import ending


@dataclass(frozen=True, slots=True)
class Part:
    """`module` has an `app`, or a function `register(app)` where a single command is no group."""

    module: str
    help: str


PARTS = {
    "up": Part("fogline.commands.up", "Start Kafka, the control plane and agents on this machine."),
    "down": Part("fogline.commands.up", "Stop what `up` started."),
    "demo": Part("fogline.commands.demo", "One network over three tiers on this machine, live."),
    "status": Part("fogline.commands.status", "One page: what runs, and what is not well and why."),
    "deployments": Part("fogline.commands.deployments", "Which network runs where, and its exits' thresholds."),
    "models": Part("fogline.commands.models", "Trained networks and their versions."),
    "nodes": Part("fogline.commands.nodes", "Boxes that run an agent."),
    "tokens": Part("fogline.commands.tokens", "Tokens that let a node in."),
    "clusters": Part("fogline.commands.clusters", "Kafka clusters by name."),
    "networks": Part("fogline.commands.networks", "Sources of networks that can be trained."),
    "configurations": Part("fogline.commands.configurations", "Networks that are trained on the same stream."),
    "requests": Part("fogline.commands.requests", "What is trained, how and where, once a stream is announced."),
    "streams": Part("fogline.commands.streams", "Labelled records for training, sent and announced."),
    "runs": Part("fogline.commands.runs", "Trainings: how far they are, and what came of them."),
    "federations": Part(
        "fogline.commands.federations", "Sites that train one network together, no record leaving one."
    ),
    "send": Part("fogline.commands.send", "Send records to a deployment or a topic."),
    "watch": Part("fogline.commands.watch", "Follow a deployment's answers."),
    "events": Part("fogline.commands.events", "Follow what changes in the control plane."),
    "simulate": Part("fogline.commands.simulate", "Latency experiments on this machine."),
    "kafka": Part("fogline.commands.kafka", "A real Kafka on this machine, without Docker."),
    "agent": Part("fogline.commands.agent", "Run the agent of this node."),
}


def build(arguments: Collection[str]) -> typer.Typer:
    """The command line for these arguments: the parts named in them whole, of the others only their line of help."""
    app = typer.Typer(
        help="One neural network over the machines between a sensor and the cloud.",
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    mounted: set[str] = set()
    for name, part in PARTS.items():
        if part.module in mounted or find_spec(part.module) is None:
            continue
        if name not in arguments and "_FOGLINE_COMPLETE" not in os.environ:
            app.command(name, help=part.help)(_not_named)
            continue
        mounted.add(part.module)
        _mount(app, name, part)
    return app


def main() -> None:
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """The exit code of one command. Errors are one line on stderr."""
    # It reports each attempt to reach a broker; a command says itself what came of them.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    return ending.code_of(lambda: _invoke(arguments))


def _invoke(arguments: Sequence[str]) -> object:
    command = typer.main.get_command(build(arguments))
    return command.main(list(arguments), prog_name="fogline", standalone_mode=False)


def _mount(app: typer.Typer, name: str, part: Part) -> None:
    module = import_module(part.module)
    if hasattr(module, "app"):
        app.add_typer(module.app, name=name, help=part.help)
    else:
        module.register(app)


def _not_named() -> None:
    """Stands in `--help` for a part that these arguments do not name."""


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fogline {version('fogline')}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(
        False, "--version", is_eager=True, callback=_show_version, help="Show the version and exit."
    ),
) -> None:
    pass
