"""What tests of the whole path of training do: a network, a request, a stream, and a run that comes of them."""

import hashlib
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from fogline import Stream
from shared.client import Client
from shared.documents import (
    ArtifactFormat,
    Configuration,
    Export,
    ExportForm,
    Framework,
    NetworkSource,
    Optimiser,
    RunState,
    RunView,
    SourceFile,
    Stage,
    TrainingParameters,
    TrainingRequest,
)
from simulations.stack import Stack

NETWORK = Path(__file__).parent / "shapes_network.py"
TORCH_NETWORK = Path(__file__).parent / "shapes_torch.py"
TORCH_FORMS = (ExportForm(format=ArtifactFormat.TORCH),)
LOOK_EVERY_S = 0.1
RUN_DEADLINE_S = 400.0


def shapes(count: int, *, seed: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images `[n, 8, 8, 1]` of a horizontal bar, a vertical one or a cross in noise, and which of them, `[n]`."""
    draw = np.random.default_rng(seed)
    images = draw.integers(0, 90, (count, 8, 8, 1), np.uint8)
    labels = draw.integers(0, 3, count, np.uint8)
    for image, label, (row, column) in zip(images, labels, draw.integers(1, 7, (count, 2)), strict=True):
        if label != 1:
            image[row] = 255
        if label != 0:
            image[:, column] = 255
    return images, labels


def register(client: Client, name: str, source: Path = NETWORK, *, framework: Framework = Framework.KERAS) -> None:
    """The network under this name."""
    content = source.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    client.artifacts.upload(source)
    file = SourceFile(sha256=digest, size_bytes=len(content))
    client.networks.put(NetworkSource(name=name, framework=framework, files=(file,)))


def register_torch(client: Client, name: str) -> None:
    register(client, name, TORCH_NETWORK, framework=Framework.TORCH)


def request(name: str, *, epochs: int = 3, forms: tuple[ExportForm, ...] = (ExportForm(),)) -> TrainingRequest:
    """Of a configuration of the same name, on a control topic of its own."""
    return TrainingRequest(
        name=name,
        configuration=name,
        cluster="cloud",
        control_topic=f"{name}.control",
        parameters=TrainingParameters(
            epochs=epochs, batch=32, optimiser=Optimiser(learning_rate=0.01), checkpoint_every_s=0.0
        ),
        labels=("horizontal", "vertical", "cross"),
        selector={"tier": "cloud"},
        export=Export(forms=forms),
        threads=1,
    )


def stored(client: Client, made: TrainingRequest, *networks: str) -> TrainingRequest:
    """The request with its number, its configuration made of these networks."""
    client.configurations.put(Configuration(name=made.configuration, networks=networks))
    return client.requests.put(made)


def send(stack: Stack, stored: TrainingRequest, topic: str, *, count: int = 600, partitions: int = 2) -> None:
    """Announced to the request, with a tenth for validation and a fifth for the test."""
    images, labels = shapes(count)
    with Stream(
        stack.cluster("cloud"),
        topic,
        request=stored.number,
        control_topic=stored.control_topic,
        validation_rate=0.1,
        test_rate=0.2,
        partitions=partitions,
    ) as stream:
        stream.send_many(images, labels)


def runs_of(client: Client, name: str, count: int = 1) -> tuple[RunView, ...]:
    """Those of a request, once there are so many."""
    deadline_s = time.monotonic() + 120
    while len(found := client.runs.list(request=name)) < count:
        assert time.monotonic() < deadline_s, f"{len(found)} of {count} runs were started"
        time.sleep(LOOK_EVERY_S)
    return found


def at_stage(client: Client, run: int, stage: Stage) -> None:
    """Once it is there; fails when it ends before."""
    deadline_s = time.monotonic() + RUN_DEADLINE_S
    while (found := client.runs.get(run)).progress is None or found.progress.stage is not stage:
        assert not found.state.is_final, f"{found.state}: {found.reason}"
        assert time.monotonic() < deadline_s, f"the run is still {found.state}: {found.progress}"
        time.sleep(LOOK_EVERY_S)


def idle(client: Client, node: str, workload: str) -> None:
    """Once the node has nothing of this workload any more."""
    deadline_s = time.monotonic() + 60
    while workload in [one.id for one in client.nodes.get(node).workloads]:
        assert time.monotonic() < deadline_s, f"{node} still has {workload}"
        time.sleep(LOOK_EVERY_S)


def ended(client: Client, run: int) -> RunView:
    """The run, once its state is final."""
    deadline_s = time.monotonic() + RUN_DEADLINE_S
    while not (found := client.runs.get(run)).state.is_final:
        assert time.monotonic() < deadline_s, f"the run is still {found.state}: {found.progress} {found.reason}"
        time.sleep(LOOK_EVERY_S)
    return found


def finished(client: Client, run: int) -> RunView:
    found = ended(client, run)
    assert found.state is RunState.FINISHED, found.reason
    return found
