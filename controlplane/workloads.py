"""A deployment, its versions and its clusters make one workload for each tier and choice of artifacts. Pure."""

from collections.abc import Mapping, Sequence

from shared import topics
from shared.documents import (
    Artifact,
    Cluster,
    Deployment,
    InferenceWorkload,
    LoadedVersion,
    ModelVersion,
    TierSpec,
    Upper,
)


def owner(deployment: str) -> str:
    """Whose its placements are."""
    return f"deployment/{deployment}"


def workload_id(deployment: str, tier: str) -> str:
    return f"{deployment}.{tier}"


def loaded_version(model: ModelVersion, tier: str, artifact: Artifact) -> LoadedVersion:
    """The sub-model as one node runs it. The tier must be one of the manifest's."""
    sub_model = model.manifest.sub_model(tier)
    if sub_model is None:
        raise LookupError(f"{model.manifest.name}/{model.version} has no tier {tier}")
    return LoadedVersion(
        model=model.manifest.name,
        version=model.version,
        sub_model=sub_model,
        artifact=artifact,
        task=model.manifest.task,
        labels=model.manifest.labels,
    )


def build(
    deployment: Deployment, index: int, versions: Sequence[LoadedVersion], clusters: Mapping[str, Cluster]
) -> InferenceWorkload:
    """The workload of `deployment.tiers[index]`, with no more clusters than it names."""
    tier = deployment.tiers[index]
    upper = _upper(deployment, index)
    output = tier.output_cluster or tier.cluster
    named = dict.fromkeys((tier.cluster, output, *([upper.cluster] if upper else [])))
    return InferenceWorkload(
        id=workload_id(deployment.name, tier.tier),
        deployment=deployment.name,
        tier=tier.tier,
        is_first_tier=index == 0,
        versions=tuple(versions),
        clusters=tuple(clusters[name] for name in named),
        input_cluster=tier.cluster,
        input_topic=topics.input_topic(deployment, tier),
        output_cluster=output,
        answers_topic=topics.answers_topic(deployment),
        dead_letter_topic=topics.dead_letter_topic(deployment),
        group=topics.group(deployment, tier),
        exit=tier.exit,
        upper=upper,
        decoder=deployment.decoder,
        delivery=deployment.delivery,
        partitions=tier.partitions,
        start_offset=deployment.start_offset,
        backend=tier.backend,
        threads=tier.threads,
        memory_bytes=tier.memory_bytes,
        batching=tier.batching,
        start_deadline_s=deployment.start_deadline_s,
    )


def _upper(deployment: Deployment, index: int) -> Upper | None:
    if index + 1 == len(deployment.tiers):
        return None
    tier: TierSpec = deployment.tiers[index]
    above = deployment.tiers[index + 1]
    return Upper(
        tier=above.tier,
        cluster=above.cluster,
        topic=topics.input_topic(deployment, above),
        features=tier.features,
        uplink=tier.uplink,
    )
