"""How a node gets its credential: a token, spent once."""

import asyncio
import logging
from dataclasses import dataclass, field
from random import Random

from agent.backoff import Backoff
from agent.control_plane import ControlPlane, is_passing
from agent.presence import Presence
from agent.state_store import StateStore
from shared.documents import Enrolment, NodeCredential
from shared.errors import ControlPlaneError

logger = logging.getLogger(__name__)

RETRY = Backoff(first_s=0.5, cap_s=60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enroller:
    control_plane: ControlPlane
    store: StateStore
    presence: Presence
    retry: Backoff = RETRY
    random: Random = field(default_factory=Random)

    async def enrol(self, token: str, enrolment: Enrolment) -> NodeCredential:
        """Waits for a control plane that is away; raises ControlPlaneError when it says no, StorageError."""
        credential = await self._ask(token, enrolment)
        await asyncio.to_thread(self.store.save_credential, credential)
        logger.info("enrolled", extra={"node": credential.name})
        return credential

    async def _ask(self, token: str, enrolment: Enrolment) -> NodeCredential:
        failures = 0
        while True:
            try:
                credential = await self.control_plane.enrol(token, enrolment)
            except ControlPlaneError as error:
                if not is_passing(error):
                    raise _explained(error, enrolment.name) from error
                self.presence.lost(str(error))
            else:
                self.presence.found()
                return credential
            failures += 1
            await asyncio.sleep(self.retry.delay_s(failures, jitter=self.random.random()))


def _explained(error: ControlPlaneError, name: str) -> ControlPlaneError:
    remedy = {
        401: "ask an operator for a new enrolment token: this one is unknown, used or expired",
        409: f"a node named {name!r} exists already: choose another --name, or have the old one removed",
    }.get(error.status, "check --control-plane and --token-file")
    return ControlPlaneError(f"cannot enrol: {error}; {remedy}", status=error.status, field=error.field)
