"""Where a version comes from, and what came of it."""

from collections.abc import Iterable

from msgspec import Struct

from shared.client import Client
from shared.documents import DeploymentView, ModelVersion, VersionName


class Kin(Struct, frozen=True, kw_only=True):
    """The document of `fogline models lineage`.

    `siblings`: other versions of the same run or stream. `children`: versions that began with its weights.
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
        siblings=tuple(one for one, its in known if its and mine and its.stream == mine.stream),
        children=tuple(one for one, its in known if its and its.start_from == text(me)),
        deployments=tuple(
            one.deployment.name
            for one in deployments
            if (one.deployment.model, one.deployment.version) == (me.model, me.version)
        ),
    )


def name(version: ModelVersion) -> VersionName:
    return VersionName(model=version.manifest.name, version=version.version)


def text(one: VersionName) -> str:
    return f"{one.model}/{one.version}"
