"""Whether a deployment fits its model and clusters, before it is stored. Pure; the decoder has checked the rest."""

from collections.abc import Mapping

from controlplane import runnable
from shared.documents import Cluster, Delivery, Deployment, ModelManifest, SubModel, TierSpec, UplinkMode
from shared.errors import DocumentError


def check(deployment: Deployment, manifest: ModelManifest, clusters: Mapping[str, Cluster]) -> None:
    """Raise DocumentError naming the first field that does not fit."""
    _check_tiers(deployment, manifest)
    for index, tier in enumerate(deployment.tiers):
        field = f"tiers[{index}]"
        _check_clusters(tier, clusters, field)
        _check_replicas(tier, clusters[tier.cluster], field)
        sub_model = manifest.sub_model(tier.tier)
        if sub_model is not None:
            _check_sub_model(tier, sub_model, field)
        if deployment.delivery is Delivery.EXACTLY_ONCE:
            _check_one_cluster(deployment, index)


def _check_tiers(deployment: Deployment, manifest: ModelManifest) -> None:
    wanted = [sub_model.tier for sub_model in manifest.sub_models]
    given = [tier.tier for tier in deployment.tiers]
    for index, tier in enumerate(given):
        if tier not in wanted:
            raise DocumentError(
                f"model {manifest.name} has no tier {tier}: it has {', '.join(wanted)}", field=f"tiers[{index}].tier"
            )
    if given != wanted:
        raise DocumentError(
            f"name every tier of model {manifest.name} once, in its order: {', '.join(wanted)}", field="tiers"
        )


def _check_clusters(tier: TierSpec, clusters: Mapping[str, Cluster], field: str) -> None:
    for member, name in (("cluster", tier.cluster), ("output_cluster", tier.output_cluster)):
        if name is not None and name not in clusters:
            raise DocumentError(f"no cluster {name}: PUT /v1/clusters/{name} first", field=f"{field}.{member}")


def _check_replicas(tier: TierSpec, cluster: Cluster, field: str) -> None:
    """A replica without a Kafka partition of its own would idle."""
    partitions = tier.partitions
    if partitions is None and tier.input_topic is None and cluster.topics.create:
        partitions = cluster.topics.partitions
    if tier.replicas != "all" and partitions is not None and tier.replicas > partitions:
        raise DocumentError(
            f"{tier.replicas} replicas cannot share {partitions} partition{'s' * (partitions > 1)}: "
            f"ask for fewer, or set `{field}.partitions` to at least {tier.replicas}",
            field=f"{field}.replicas",
        )


def _check_sub_model(tier: TierSpec, sub_model: SubModel, field: str) -> None:
    if tier.exit is not None and sub_model.exit is None:
        raise DocumentError(f"the sub-model of tier {tier.tier} has no exit: leave it out", field=f"{field}.exit")
    if tier.uplink.mode is UplinkMode.DEGRADE and sub_model.exit is None:
        raise DocumentError(
            f"the sub-model of tier {tier.tier} has no exit to degrade to: let it wait", field=f"{field}.uplink.mode"
        )
    refusal = runnable.refusal(sub_model.artifacts, precision=tier.precision, wanted=tier.backend)
    if refusal:
        member = "backend" if refusal.startswith("backend") else "precision"
        raise DocumentError(refusal, field=f"{field}.{member}")


def _check_one_cluster(deployment: Deployment, index: int) -> None:
    tier = deployment.tiers[index]
    above = deployment.tiers[index + 1].cluster if index + 1 < len(deployment.tiers) else tier.cluster
    if {tier.cluster, tier.output_cluster or tier.cluster, above} != {tier.cluster}:
        raise DocumentError(
            f"exactly_once needs the input, the answers and the upper tier of {tier.tier} on one cluster",
            field=f"tiers[{index}].output_cluster" if tier.output_cluster not in (None, tier.cluster) else "delivery",
        )
