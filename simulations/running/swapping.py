"""A hot swap as a user makes one: the next version of the network is registered, the deployment moved to it."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from shared.documents import Artifact, Deployment, ModelManifest, SubModel
from shared.documents.model import ArtifactFormat
from shared.storage import storage_errors
from simulations.demo.example import Example
from simulations.running.site import Site


@dataclass(slots=True, kw_only=True)
class Swapping:
    """Of one deployment on its site; `swaps` were made so far."""

    site: Site
    example: Example
    deployment: Deployment
    swaps: int = 0

    def swap(self) -> None:
        """Returns once the control plane has taken the change; records say which version answered them.

        Raises ControlPlaneError when it has not.
        """
        self.swaps += 1
        folder = self.site.layout.directory / f"{self.deployment.name}-swap-{self.swaps}"
        manifest = next_version(self.example, self.swaps, folder)
        with self.site.client() as client:
            version = client.models.register(manifest, folder).version
            client.deployments.put(replace(self.deployment, version=version))


def next_version(example: Example, number: int, folder: Path) -> ModelManifest:
    """The same network in files of its own in `folder`, so that agents download, verify and load it like any other."""
    sub_models = tuple(_copied(one, number, example.folder, folder) for one in example.manifest.sub_models)
    description = f"{example.manifest.description}, the same again ({number})".removeprefix(", ")
    return replace(example.manifest, sub_models=sub_models, description=description)


def _copied(sub_model: SubModel, number: int, source: Path, folder: Path) -> SubModel:
    artifacts = tuple(_artifact(one, number, source / one.file, folder / one.file) for one in sub_model.artifacts)
    return replace(sub_model, artifacts=artifacts)


def _artifact(artifact: Artifact, number: int, source: Path, copy: Path) -> Artifact:
    """Behind a `.tflite` file any bytes may follow; other formats stay the same files, which agents have already."""
    with storage_errors(copy):
        copy.parent.mkdir(parents=True, exist_ok=True)
        content = source.read_bytes()
        if artifact.format is ArtifactFormat.TFLITE:
            content += b"%016d" % number
        copy.write_bytes(content)
    return replace(artifact, sha256=sha256(content).hexdigest(), size_bytes=len(content))
