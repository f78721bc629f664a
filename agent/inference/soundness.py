"""What a document must say before anything is started, and what a schema cannot. Pure."""

from shared.documents import Cluster, Delivery, InferenceWorkload, UplinkMode
from shared.errors import DocumentError


def require_sound(document: InferenceWorkload) -> None:
    """Raises DocumentError naming the field."""
    for field, name in _named_clusters(document).items():
        named_cluster(document, name, field)
    if document.delivery is Delivery.EXACTLY_ONCE and len(set(_named_clusters(document).values())) > 1:
        raise DocumentError(
            "exactly_once needs input, answers and upper tier on one cluster: a transaction spans no two",
            field="delivery",
        )
    for place, version in enumerate(document.versions):
        sub_model, field = version.sub_model, f"versions[{place}].sub_model"
        if sub_model.exit is None and (document.upper is None or sub_model.features is None):
            raise DocumentError("it has no exit, and there is no tier above to forward to", field=f"{field}.exit")
        if document.upper is not None and document.upper.uplink.mode is UplinkMode.DEGRADE and sub_model.exit is None:
            raise DocumentError("an uplink that degrades needs an exit to answer with", field=f"{field}.exit")


def named_cluster(document: InferenceWorkload, name: str, field: str) -> Cluster:
    """Raises DocumentError when the document does not hold it."""
    for cluster in document.clusters:
        if cluster.name == name:
            return cluster
    known = ", ".join(cluster.name for cluster in document.clusters) or "none"
    raise DocumentError(f"cluster {name!r} is not among `clusters`: {known}", field=field)


def has_uplink(document: InferenceWorkload) -> bool:
    """The upper tier is on a cluster that may be away while this one is not."""
    return document.upper is not None and document.upper.cluster != document.output_cluster


def _named_clusters(document: InferenceWorkload) -> dict[str, str]:
    named = {"input_cluster": document.input_cluster, "output_cluster": document.output_cluster}
    if document.upper is not None:
        named["upper.cluster"] = document.upper.cluster
    return named
