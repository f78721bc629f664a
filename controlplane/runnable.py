"""Which artifact of a sub-model a node can run. Pure."""

from collections.abc import Collection, Sequence

from shared.documents import Artifact, ArtifactFormat, Precision

# Cheapest first, as measured: where a node has several backends, the first that reads an artifact decides which.
FORMATS = {
    "litert": ArtifactFormat.TFLITE,
    "tflite": ArtifactFormat.TFLITE,
    "torch": ArtifactFormat.TORCH,
    "keras": ArtifactFormat.KERAS,
}


def choose(
    artifacts: Sequence[Artifact], *, precision: Precision, backends: Collection[str], wanted: str | None
) -> Artifact | None:
    """The artifact for a node with these backends; None where it can run none.

    A backend that this control plane does not know is trusted to read any format, but only when `wanted` names it.
    """
    fitting = [artifact for artifact in artifacts if artifact.precision is precision]
    if wanted is not None:
        backends = [backend for backend in backends if backend == wanted]
        if backends and wanted not in FORMATS:
            return next(iter(fitting), None)
    formats = [format_ for backend, format_ in FORMATS.items() if backend in backends]
    return next((artifact for format_ in formats for artifact in fitting if artifact.format is format_), None)


def refusal(artifacts: Sequence[Artifact], *, precision: Precision, wanted: str | None) -> str:
    """Why no node whatever could run any of these artifacts; empty when one could."""
    fitting = [artifact for artifact in artifacts if artifact.precision is precision]
    if not fitting:
        there = ", ".join(sorted({artifact.precision.value for artifact in artifacts}))
        return f"no artifact has precision {precision.value}: there are {there}"
    if wanted is None or choose(fitting, precision=precision, backends=[wanted], wanted=wanted):
        return ""
    there = ", ".join(sorted({artifact.format.value for artifact in fitting}))
    return f"backend {wanted} reads {FORMATS[wanted].value}, and the {precision.value} artifacts are {there}"
