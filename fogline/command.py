"""What every command that asks the control plane has in common: three options, a client, and its output."""

import inspect
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import Path
from typing import Annotated, Any, Concatenate, ParamSpec

import typer

from fogline.context import Context, resolve
from fogline.output import Page, show
from shared.client import Client

P = ParamSpec("P")

Json = Annotated[bool, typer.Option("--json", help="Print documents instead of tables.")]
Url = Annotated[
    str | None, typer.Option("--url", metavar="URL", help="Where the control plane is.  [env: FOGLINE_URL]")
]
CredentialFile = Annotated[
    Path | None,
    typer.Option(
        "--credential-file", metavar="FILE", help="Holds the operator's credential.  [env: FOGLINE_CREDENTIAL_FILE]"
    ),
]
_ADDED = {"as_json": (Json, False), "url": (Url, None), "credential_file": (CredentialFile, None)}


@dataclass(frozen=True, kw_only=True)
class Door:
    """What a command is given: whom to ask, found and connected at the first question, and how its caller reads."""

    url: str | None
    credential_file: Path | None
    as_json: bool
    closing: ExitStack

    @cached_property
    def context(self) -> Context:
        return resolve(url=self.url, credential_file=self.credential_file, environment=os.environ)

    @cached_property
    def client(self) -> Client:
        return self.closing.enter_context(Client(self.context.url, credential=self.context.credential))


def connected(command: Callable[Concatenate[Door, P], Page | None]) -> Callable[..., None]:
    """A command of Typer with `--json`, `--url` and `--credential-file` added, that shows the page it returns."""

    # Typer gives every option by its name, which a ParamSpec cannot say.
    by_name: Callable[..., Page | None] = command

    @wraps(command)
    def run(
        *, as_json: bool = False, url: str | None = None, credential_file: Path | None = None, **options: object
    ) -> None:
        with ExitStack() as closing:
            door = Door(url=url, credential_file=credential_file, as_json=as_json, closing=closing)
            page = by_name(door, **options)
        if page is not None:
            show(page, as_json=as_json)
            if page.exit_code:
                raise typer.Exit(page.exit_code)

    _describe(run, command)
    return run


def _describe(run: Callable[..., None], command: Callable[..., Any]) -> None:
    """Typer reads the signature and the annotations: those of `command`, less its door, and the added options."""
    own = list(inspect.signature(command, eval_str=True).parameters.values())[1:]
    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, (annotation, default) in _ADDED.items()
    ]
    keyword_only = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
    del run.__wrapped__  # type: ignore[attr-defined]  # put there by `wraps`, and Typer would follow it
    run.__signature__ = inspect.Signature([*keyword_only, *added])  # type: ignore[attr-defined]  # read by inspect
    run.__annotations__ = {one.name: one.annotation for one in [*keyword_only, *added]}


def examples(*lines: str) -> str:
    """The end of a command's `--help`."""
    return "Examples:\n\n" + "\n\n".join(f"  {line}" for line in lines)
