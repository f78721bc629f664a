"""Training runs, and how far each has come. Pure."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from rich.console import Group, RenderableType
from rich.text import Text

from fogline.tables.shape import card, percent, size, table
from shared.documents import ExitScore, RunState, RunView, Stage, TrainingProgress

_SHOWN_NOTICES = 5
V = TypeVar("V")


def runs(views: Iterable[RunView]) -> RenderableType:
    return table(
        ("run", "request", "network", "stream", "state", "progress", "node", "version", "test accuracy"),
        (
            (
                str(view.id),
                view.request,
                view.network,
                view.stream,
                view.state.value,
                how_far(view),
                view.node or "-",
                versions(view),
                by_exit({name: score.accuracy for name, score in in_order(view.test, view.exits).items()}),
            )
            for view in views
        ),
        empty="No runs: one starts for each network when a stream is announced to a request.",
    )


def run(view: RunView, judged: RenderableType | None = None) -> RenderableType:
    """`judged`: in place of the few numbers that the run itself has of its test."""
    pairs = {
        "run": str(view.id),
        "of": f"network {view.network}, request {view.request}, stream {view.stream}",
        "state": view.state.value,
        "reason": view.reason,
        "progress": "" if view.state.is_final else how_far(view),
        "attempt": f"{view.attempt}" + (f" on {view.node}" if view.node else ""),
        "versions": versions(view),
        "created": view.created_at,
        "ended": view.ended_at or "",
        "deadline": "" if view.state.is_final else view.deadline or "",
        "files": ", ".join(f"{one.name} ({size(one.size_bytes)})" for one in view.files),
    }
    parts: list[RenderableType] = [card({name: value for name, value in pairs.items() if value})]
    if judged is not None:
        parts.append(judged)
    elif view.test:
        parts.append(scores(in_order(view.test, view.exits), "test"))
    if view.progress is not None:
        parts += _of_progress(view.progress, is_final=view.state.is_final)
    return Group(*parts)


def versions(view: RunView) -> str:
    return ", ".join(f"{one.model}/{one.version}" for one in view.versions) or "-"


def how_far(view: RunView) -> str:
    """The words for what it does now; the state says the rest."""
    if view.state.is_final:
        return "-"
    if view.state is RunState.WAITING or view.progress is None:
        return view.reason or "waits for a node"
    return stage(view.progress)


def stage(progress: TrainingProgress) -> str:
    parts = [progress.stage.value]
    if progress.stage is Stage.FITTING and progress.epochs:
        parts.append(f"epoch {progress.epoch}/{progress.epochs}")
    if progress.total:
        parts.append(f"{progress.done:,}/{progress.total:,} ({progress.done / progress.total:.0%})")
    elif progress.done:
        parts.append(f"{progress.done:,}")
    if progress.records_per_s:
        parts.append(f"{progress.records_per_s:,.0f} records/s")
    return ", ".join(parts)


def one_line(view: RunView) -> str:
    """For a log: what it does, and its losses by exit."""
    doing = how_far(view) if not view.state.is_final else "; ".join(filter(None, [versions(view), view.reason]))
    now = None if view.state.is_final else view.progress
    losses = {} if now is None else in_order(now.loss, now.exits)
    said = "  ".join(f"{name} {loss:.4g}" for name, loss in losses.items())
    return f"run {view.id}  {view.network}  {view.state.value}  {doing}" + (f"  loss {said}" if said else "")


def in_order(by_exit: Mapping[str, V], exits: Iterable[str]) -> dict[str, V]:
    """From the sensor up; those that `exits` does not name come last."""
    names = dict.fromkeys([*(name for name in exits if name in by_exit), *by_exit])
    return {name: by_exit[name] for name in names}


def scores(by_name: Mapping[str, ExitScore], what: str) -> RenderableType:
    rows = ((name, f"{one.loss:.4g}", percent(one.accuracy)) for name, one in by_name.items())
    return table(("exit", f"{what} loss", f"{what} accuracy"), rows, empty="")


def by_exit(values: Mapping[str, float | None]) -> str:
    return ", ".join(f"{name} {percent(value)}" for name, value in values.items() if value is not None) or "-"


def _of_progress(progress: TrainingProgress, *, is_final: bool) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if not is_final and (progress.loss or progress.validation):
        names = in_order({**progress.loss, **progress.validation}, progress.exits)
        rows = [(name, _loss(progress, name), *_validated(progress.validation.get(name))) for name in names]
        parts.append(table(("exit", "loss", "validation loss", "validation accuracy"), rows, empty=""))
    return parts + [Text(f"note: {notice}") for notice in progress.notices[-_SHOWN_NOTICES:]]


def _loss(progress: TrainingProgress, name: str) -> str:
    return f"{progress.loss[name]:.4g}" if name in progress.loss else "-"


def _validated(score: ExitScore | None) -> tuple[str, str]:
    return ("-", "-") if score is None else (f"{score.loss:.4g}", percent(score.accuracy))
