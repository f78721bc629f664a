"""Faults: on what is there, of a kind it can have, and undone only after they were done."""

from collections.abc import Iterator

from shared.errors import DocumentError
from simulations.experiment.checks.load import lasts_s
from simulations.experiment.document import Experiment, Fault, FaultKind
from simulations.experiment.problem import Problem
from simulations.experiment.targets import Target, TargetKind, possible, target

_UNDOES = {
    FaultKind.RESTART: {FaultKind.KILL, FaultKind.STOP},
    FaultKind.RESUME: {FaultKind.PAUSE},
    FaultKind.MEND: {FaultKind.CUT},
}


def problems(experiment: Experiment) -> Iterator[Problem]:
    for number, fault in enumerate(experiment.faults):
        field = f"faults.{number}"
        try:
            hit = target(fault.on)
        except DocumentError as error:
            yield Problem(field=f"{field}.on", text=error.reason, remedy="write it in one of these forms")
            continue
        yield from _there(experiment, hit, f"{field}.on")
        yield from _fitting(fault, hit, field)
        yield from _undone(experiment, fault, field)
        yield from _asked(experiment, fault, field)
        yield from _in_time(experiment, fault, field)


def _there(experiment: Experiment, hit: Target, field: str) -> Iterator[Problem]:
    if hit.kind is TargetKind.LINK:
        names = [link.name for link in experiment.links]
        if hit.name not in names:
            yield Problem(field=field, text=f"there is no link {hit.name!r}", remedy=f"links are {_listed(names)}")
    elif hit.kind in (TargetKind.AGENT, TargetKind.BROKER):
        yield from _in_tier(experiment, hit, field)


def _in_tier(experiment: Experiment, hit: Target, field: str) -> Iterator[Problem]:
    tier = next((tier for tier in experiment.tiers if tier.name == hit.name), None)
    if tier is None:
        names = [tier.name for tier in experiment.tiers]
        yield Problem(field=field, text=f"there is no tier {hit.name!r}", remedy=f"tiers are {_listed(names)}")
        return
    there = tier.brokers if hit.kind is TargetKind.BROKER else tier.replicas
    if hit.number > there:
        yield Problem(
            field=field,
            text=f"{hit.name} has {there} {hit.kind}s, none with the number {hit.number}",
            remedy=f"{hit.kind}:{hit.name}-{there} is the last",
        )


def _fitting(fault: Fault, hit: Target, field: str) -> Iterator[Problem]:
    if fault.kind not in possible(hit.kind):
        kinds = [kind for kind in FaultKind if kind in possible(hit.kind)]
        yield Problem(
            field=f"{field}.kind",
            text=f"{fault.kind} cannot happen to {fault.on}",
            remedy=f"what can: {_listed(kinds)}",
        )
    if fault.factor != 1.0 and fault.kind is not FaultKind.SLOW:
        yield Problem(
            field=f"{field}.factor", text=f"means nothing for {fault.kind}", remedy="leave it out", is_warning=True
        )


def _undone(experiment: Experiment, fault: Fault, field: str) -> Iterator[Problem]:
    needed = _UNDOES.get(fault.kind)
    if needed is None:
        return
    if not any(other.on == fault.on and other.kind in needed and other.at <= fault.at for other in experiment.faults):
        yield Problem(
            field=f"{field}.kind",
            text=f"{fault.on} is there already when it is to {fault.kind}",
            remedy=f"plan a {' or '.join(sorted(needed))} before it",
        )


def _asked(experiment: Experiment, fault: Fault, field: str) -> Iterator[Problem]:
    """A swap is asked of the control plane, which must be there."""
    if fault.kind is not FaultKind.SWAP:
        return
    before = [one for one in experiment.faults if one.on == TargetKind.CONTROL_PLANE and one.at <= fault.at]
    last = max(before, key=lambda one: one.at, default=None)
    if last is not None and last.kind not in _UNDOES:
        yield Problem(
            field=f"{field}.at",
            text=f"comes after the {last.kind} of the control plane, which nobody can ask for it then",
            remedy="plan it before that, or after the control plane is back",
        )


def _in_time(experiment: Experiment, fault: Fault, field: str) -> Iterator[Problem]:
    ends_s = lasts_s(experiment.load)
    if ends_s is not None and fault.at > ends_s + experiment.load.patience:
        yield Problem(
            field=f"{field}.at",
            text="comes after the last record was answered or lost",
            remedy=f"earlier than {ends_s + experiment.load.patience:g} s",
            is_warning=True,
        )


def _listed(names: list[str] | list[FaultKind]) -> str:
    return ", ".join(names) or "none"
