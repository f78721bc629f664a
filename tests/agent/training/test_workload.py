"""A run from its stream to its result, and everything that may come between."""

import numpy as np
import pytest

from shared.documents import Cluster, Phase
from tests.agent.training.running.attempts import Bench, at_work, clouds, sent, training

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


async def test_a_run_goes_from_its_stream_to_its_result_though_a_class_is_absent_from_a_part(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    rows, labels = clouds()
    # Of one class there is one record, which cannot be in every part.
    kept = (labels != 2) | (np.cumsum(labels == 2) == 1)
    document = training(cluster, await sent(cluster, unique, (rows[kept], labels[kept])))
    async with at_work(document, bench) as work:
        status = await work.until(lambda one: one.phase in (Phase.FINISHED, Phase.FAILED))
        assert status.phase is Phase.FINISHED, status.reason
    assert status.training is not None
    assert "class 2 has too few records to have one for validation and test" in status.training.notices[0]
    ((run, result),) = bench.control_plane.results
    assert (run, result.attempt) == (1, 1)
    assert [one.tier for one in result.manifest.sub_models] == ["edge", "cloud"]
    assert {one.name for one in result.files} >= {"weights.npz", "history.json", "judgements.json", "description.json"}
    assert result.exits == ("edge", "cloud")
    assert set(result.test) == set(result.exits)
