"""Segments to be timed: the sub-models of the example, which are LiteRT files."""

from collections.abc import Sequence
from pathlib import Path

import pytest

import examples.fashion_mnist
from examples import manifests
from shared.documents import Artifact, Precision
from shared.documents.profile import ExportedSegment

FOLDER = Path(examples.fashion_mnist.__file__).parent
# The edge's sub-model has its head already: as if it had been exported without, and with.
BOUNDS = ((None, "pool", None), (None, "pool", "edge"), ("pool", "block", None))


def path_of(segment: ExportedSegment) -> Path:
    return FOLDER / segment.artifact.file


def _float32(artifacts: Sequence[Artifact]) -> Artifact:
    return next(one for one in artifacts if one.precision is Precision.FLOAT32)


@pytest.fixture(scope="session")
def segments() -> tuple[ExportedSegment, ...]:
    edge, fog, _ = manifests.read(FOLDER).sub_models
    return tuple(
        ExportedSegment(
            after=after,
            until=until,
            head=head,
            input=one.input,
            features=one.features,
            exit=one.exit,
            artifact=_float32(one.artifacts),
            parameters_bytes=_float32(one.artifacts).size_bytes,
        )
        for (after, until, head), one in zip(BOUNDS, (edge, edge, fog), strict=True)
    )
