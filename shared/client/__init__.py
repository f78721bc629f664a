"""The typed client of the HTTP API. Importing this imports httpx: an agent does not."""

from shared.client.artifacts import Progress
from shared.client.awaited import AsyncClient
from shared.client.blocking import Client
from shared.client.deployments import missing
from shared.client.errors import ControlPlaneUnreachableError, DeadlineExceededError
from shared.client.models import read_manifest

__all__ = [
    "AsyncClient",
    "Client",
    "ControlPlaneUnreachableError",
    "DeadlineExceededError",
    "Progress",
    "missing",
    "read_manifest",
]
