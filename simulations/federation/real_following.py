"""A real federation while it goes on: what is new is said, every decision is kept, and sites come and go as the
experiment says.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from time import monotonic

from shared.client import Client
from shared.documents import Cluster
from shared.documents.federation_workloads import FederationState, FederationView, ModelScore
from shared.errors import UnavailableError
from simulations.federation.document import FederationExperiment
from simulations.federation.real_document import site_names
from simulations.federation.real_sites import RealSites
from simulations.federation.recorded import Recording, recording
from simulations.stack import Say

_LOOK_EVERY_S = 0.2


@dataclass(slots=True, kw_only=True)
class Attended:
    """A federation that is looked at now and then: what is new is said, and whoever is to come or go does."""

    experiment: FederationExperiment
    sites: RealSites
    client: Client
    say: Say
    began_s: float
    _said: int = -1
    _reason: str = ""
    _gone: set[str] = field(default_factory=set)

    def look(self) -> FederationView:
        view = self.client.federations.get(self.experiment.name)
        for one in view.progress.history:
            if one.round > self._said:
                self._said = one.round
                self.say(self._line(one))
        if view.reason != self._reason:
            self._reason = view.reason
            self.say(f"{view.state}: {view.reason}" if view.reason else f"{view.state}")
        self._come()
        self._go(view)
        return view

    def _line(self, one: ModelScore) -> str:
        staleness = fmean(one.staleness.values()) if one.staleness else 0.0
        accuracy = next((value for name, value in reversed(one.metrics.items()) if name.endswith("/accuracy")), None)
        told = "not judged" if accuracy is None else f"{100 * accuracy:.2f} %"
        return (
            f"version {one.round} of {self.experiment.stop.rounds} after {monotonic() - self.began_s:,.0f} s: "
            f"{one.updates} updates, staleness {staleness:.1f}, {told}"
        )

    def _come(self) -> None:
        joining = self.experiment.absence.joining
        if joining is None or monotonic() - self.began_s < joining.after:
            return
        for name in site_names(self.experiment)[: joining.sites]:
            if name not in self.sites.stack.programs:
                self.say(f"{name} joins")
                self.sites.stack.start_agent(name)

    def _go(self, view: FederationView) -> None:
        leaving = self.experiment.absence.leaving
        if leaving is None:
            return
        last = site_names(self.experiment)[self.experiment.sites - leaving.sites :]
        for one in view.progress.participants:
            if one.name in last and one.updates >= leaving.updates and one.name not in self._gone:
                self.say(f"{one.name} leaves")
                self._gone.add(one.name)
                self.sites.stack.programs[one.name].terminate()


async def to_its_end(attended: Attended, platform: Cluster, folder: Path) -> tuple[FederationView, Recording]:
    """Raises UnavailableError for one that comes to nothing."""
    kept: Recording | None = None
    while True:
        view = await asyncio.to_thread(attended.look)
        if kept is None and view.progress.round >= 0:
            kept = await recording(platform, view.federation, view.edition, folder)
        if kept is not None:
            await kept.go_on()
        if view.state is FederationState.FINISHED and kept is not None:
            return view, kept
        if view.state.is_final:
            raise UnavailableError(f"the federation is {view.state}: {view.reason or view.progress.ended}")
        await asyncio.sleep(_LOOK_EVERY_S)
