"""Faults at their moments: what is killed, stopped, cut, mended and swapped while a load runs."""

import time
from collections.abc import Callable, Sequence

import msgspec

from simulations.experiment.document import Fault, FaultKind
from simulations.experiment.targets import Target, TargetKind, target
from simulations.kafka.cluster import KafkaCluster
from simulations.links.running import Shaper
from simulations.measurement.clock import now_us
from simulations.running.site import Site


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that was made; from and until when it was being made, in microseconds of the monotonic clock."""

    kind: FaultKind
    on: str
    began_us: int
    ended_us: int


def make(
    site: Site, faults: Sequence[Fault], *, swap: Callable[[], None], began_us: int, may_go_on: Callable[[], bool]
) -> list[Done]:
    """In the order of their moments, until all are made or the load has ended. One that takes long delays the next.

    `swap` moves the deployment that is running to its next version.
    """
    done = []
    for fault in sorted(faults, key=lambda one: one.at):
        due_us = began_us + round(fault.at * 1e6)
        while may_go_on() and (left_us := due_us - now_us()) > 0:
            time.sleep(min(left_us / 1e6, 0.05))
        if not may_go_on():
            break
        begun_us = now_us()
        make_one(site, fault, target(fault.on), swap)
        done.append(Done(kind=fault.kind, on=fault.on, began_us=begun_us, ended_us=now_us()))
    return done


def make_one(site: Site, fault: Fault, on: Target, swap: Callable[[], None]) -> None:
    match on.kind:
        case TargetKind.LINK:
            _on_link(site.shaper, fault, on.name)
        case TargetKind.BROKER:
            _on_broker(site.kafka[on.name], fault.kind, on.number)
        case TargetKind.AGENT:
            _on_program(site, fault.kind, f"{on.name}-{on.number}")
        case TargetKind.CONTROL_PLANE:
            _on_program(site, fault.kind, "control-plane")
        case TargetKind.DEPLOYMENT:
            swap()


def _on_link(shaper: Shaper, fault: Fault, link: str) -> None:
    match fault.kind:
        case FaultKind.CUT:
            shaper.cut(link)
        case FaultKind.MEND:
            shaper.mend(link)
        case FaultKind.SLOW:
            shaper.slow(link, fault.factor)


def _on_broker(kafka: KafkaCluster, kind: FaultKind, number: int) -> None:
    match kind:
        case FaultKind.KILL:
            kafka.kill(number)
        case FaultKind.STOP:
            kafka.stop(number)
        case FaultKind.RESTART:
            kafka.start(number)
        case FaultKind.PAUSE:
            kafka.suspend(number)
        case FaultKind.RESUME:
            kafka.resume(number)


def _on_program(site: Site, kind: FaultKind, name: str) -> None:
    match kind:
        case FaultKind.KILL:
            site.programs[name].kill()
        case FaultKind.STOP:
            site.programs[name].stop()
        case FaultKind.RESTART:
            site.restart(name)
        case FaultKind.PAUSE:
            site.programs[name].suspend()
        case FaultKind.RESUME:
            site.programs[name].resume()
