"""The committed network is what its manifest says, and leaves at the edge what was planted."""

from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from shared.artifacts import ArtifactStore
from simulations.bench import network
from simulations.bench.bare import steps
from simulations.bench.sample import images


@pytest.mark.parametrize("version", [1, 2])
def test_the_files_are_those_of_the_manifest(version: int) -> None:
    for sub_model in network.manifest(version).sub_models:
        for artifact in sub_model.artifacts:
            assert sha256((network.FOLDER / artifact.file).read_bytes()).hexdigest() == artifact.sha256


def test_the_versions_differ_in_their_weights_only() -> None:
    first, second = network.edge(1), network.edge(2)
    assert first.artifacts != second.artifacts
    assert (first.input, first.features, first.exit) == (second.input, second.features, second.exit)


def test_the_planted_share_leaves_at_the_edge() -> None:
    serving = steps.sub_model()
    exit = serving.infer(images()).exit
    serving.retire()
    assert exit is not None
    assert float((exit.max(axis=1) >= network.THRESHOLD).mean()) == pytest.approx(0.7, abs=0.02)


def test_the_sample_is_the_same_every_time() -> None:
    np.testing.assert_array_equal(images(3), images(3))
    assert len(np.unique(images(), axis=0)) == len(images())


def test_an_artifact_is_put_where_an_agent_looks(tmp_path: Path) -> None:
    (artifact,) = network.edge(1).artifacts
    store = ArtifactStore(tmp_path)
    for _ in range(2):
        network.put(artifact, store)
        assert store.path(artifact.sha256) is not None
