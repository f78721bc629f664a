"""Where a version comes from, and what came of it."""

from collections.abc import Iterable

from msgspec import Struct

from shared.client import Client
from shared.documents import DeploymentView, Lineage, ModelVersion, VersionName


class Kin(Struct, frozen=True, kw_only=True):
    """The document of `fogline models lineage`.

    `siblings`: other versions of the same run, stream or federation. `children`: versions that began with its weights.
    """

    version: ModelVersion
    siblings: tuple[VersionName, ...]
    children: tuple[VersionName, ...]
    deployments: tuple[str, ...]


def kin(client: Client, version: ModelVersion) -> Kin:
    everything = [one for latest in client.models.list() for one in client.models.versions(latest.manifest.name)]
    return related(version, everything, client.deployments.list())


def related(version: ModelVersion, others: Iterable[ModelVersion], deployments: Iterable[DeploymentView]) -> Kin:
    """Pure."""
    me, mine = name(version), version.lineage
    known = [(name(one), one.lineage) for one in others if name(one) != me and one.lineage is not None]
    return Kin(
        version=version,
        siblings=tuple(one for one, its in known if mine and _data(its) == _data(mine)),
        children=tuple(one for one, its in known if its.start_from == text(me)),
        deployments=tuple(
            one.deployment.name
            for one in deployments
            if (one.deployment.model, one.deployment.version) == (me.model, me.version)
        ),
    )


def _data(made: Lineage) -> tuple[str, str, int]:
    """What it learnt from; a federation's stream has only judged it."""
    made_by = made.federation
    return ("", made_by.name, made_by.edition) if made_by else (made.stream, "", 0)


def name(version: ModelVersion) -> VersionName:
    return VersionName(model=version.manifest.name, version=version.version)


def text(one: VersionName) -> str:
    return f"{one.model}/{one.version}"
