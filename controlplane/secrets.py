"""What is secret in a cluster or a workload: shown as `***`, and kept when it comes back so. Pure."""

from typing import TypeVar

import msgspec

from shared.documents import Cluster, Workload
from shared.documents.federation_workloads import CoordinatorWorkload
from shared.errors import DocumentError

W = TypeVar("W", bound=Workload)
HIDDEN = "***"


def mask(cluster: Cluster) -> Cluster:
    sasl, tls = cluster.sasl, cluster.tls
    if sasl is not None and sasl.password:
        sasl = msgspec.structs.replace(sasl, password=HIDDEN)
    if tls is not None and tls.private_key:
        tls = msgspec.structs.replace(tls, private_key=HIDDEN)
    return msgspec.structs.replace(cluster, sasl=sasl, tls=tls)


def mask_workload(workload: W) -> W:
    masked = msgspec.structs.replace(workload, clusters=tuple(mask(cluster) for cluster in workload.clusters))
    if isinstance(masked, CoordinatorWorkload) and masked.noise_key:
        return msgspec.structs.replace(masked, noise_key=HIDDEN)
    return masked


def keep_hidden(wanted: Cluster, stored: Cluster | None) -> Cluster:
    """`wanted` with every `***` replaced by what is stored. Raises DocumentError where nothing is."""
    sasl, tls = wanted.sasl, wanted.tls
    if sasl is not None and sasl.password == HIDDEN:
        known = stored.sasl.password if stored and stored.sasl else ""
        sasl = msgspec.structs.replace(sasl, password=_known(known, "sasl.password"))
    if tls is not None and tls.private_key == HIDDEN:
        known_key = stored.tls.private_key if stored and stored.tls else None
        tls = msgspec.structs.replace(tls, private_key=_known(known_key, "tls.private_key"))
    return msgspec.structs.replace(wanted, sasl=sasl, tls=tls)


def _known(secret: str | None, field: str) -> str:
    if not secret:
        raise DocumentError("`***` keeps a stored secret, and there is none: give it in full", field=field)
    return secret
