"""A run from its stream to its result, and everything that may come between."""

import numpy as np
import pytest

from shared.documents import ArtifactFormat, Cluster, Export, ExportForm, Framework, Phase, Stage
from tests.agent.training.running.attempts import TORCH_NETWORK, Bench, at_work, clouds, sent, training

# Deaf to SIGTERM, and never done.
STUBBORN = TORCH_NETWORK.replace("import torch\n", "import signal, time\n\nimport torch\n", 1).replace(
    '        return {"cloud"',
    "        signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "        time.sleep(600 if self.training and len(x) > 1 else 0)\n"
    '        return {"cloud"',
)

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


async def test_a_trainer_that_is_ended_because_it_does_not_leave_is_no_crash_of_its_run(
    bench: Bench, cluster: Cluster, unique: str
) -> None:
    """The first crash would be one too many."""
    document = training(
        cluster,
        await sent(cluster, unique),
        network=STUBBORN,
        framework=Framework.TORCH,
        export=Export(forms=(ExportForm(format=ArtifactFormat.TORCH),)),
        most_crashes=0,
    )
    bench.networks = (STUBBORN,)
    async with at_work(document, bench) as work:
        await work.until(lambda one: one.training is not None and one.training.stage is Stage.FITTING)
    status = work.workload.status()
    assert status.phase is not Phase.FAILED, status.reason
