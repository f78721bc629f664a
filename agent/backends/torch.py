"""PyTorch: exported programs (`torch.export.save`), read as data and run operator by operator."""

from pathlib import Path

from agent.backends import frameworks, tensors
from agent.backends.exported import file
from agent.backends.protocol import LoadedSubModel
from shared.documents import ArtifactFormat, SubModel
from shared.errors import UnavailableError
from shared.importing import importing


class TorchBackend:
    name = "torch"
    formats = frozenset({ArtifactFormat.TORCH})

    def version(self) -> str:
        return frameworks.version("torch", "torch", extra="torch")

    def load(self, path: Path, sub_model: SubModel, *, threads: int) -> LoadedSubModel:
        self.version()
        program = file.read(path)
        try:
            with importing():
                from agent.backends.exported.sub_model import TorchSubModel
        except ImportError as error:
            raise UnavailableError(f"torch is installed but cannot be imported: {error}") from error
        loaded = TorchSubModel(program, sub_model, threads)
        tensors.rehearse(loaded)
        return loaded
