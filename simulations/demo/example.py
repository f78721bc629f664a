"""Where the example network lies: in a checkout's `examples/`, or in the installed package."""

from dataclasses import dataclass
from pathlib import Path

from shared.documents import Deployment, ModelManifest, decode
from shared.errors import SettingsError

ROOT = Path(__file__).parents[2]
PLACES = (ROOT / "examples/fashion_mnist", ROOT / "fogline/example")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A folder with `manifest.json`, the artifacts it names, `sample.npz`, and for the demo `deployment.json`."""

    folder: Path
    manifest: ModelManifest

    @property
    def deployment(self) -> Deployment:
        """Raises SettingsError when there is none, DocumentError when it is damaged."""
        file = self.folder / "deployment.json"
        if not file.is_file():
            raise SettingsError(f"{self.folder} has no deployment.json")
        return decode(file.read_bytes(), Deployment)

    @property
    def sample(self) -> Path:
        return self.folder / "sample.npz"

    @property
    def tiers(self) -> tuple[str, ...]:
        return tuple(sub_model.tier for sub_model in self.manifest.sub_models)

    @classmethod
    def load(cls, folder: Path | None = None) -> "Example":
        """Raises SettingsError when there is none, DocumentError when its documents are damaged."""
        places = PLACES if folder is None else (folder,)
        found = next((place for place in places if (place / "manifest.json").is_file()), None)
        if found is None:
            raise SettingsError(f"no example: looked for manifest.json in {' and '.join(map(str, places))}")
        return cls(folder=found, manifest=decode((found / "manifest.json").read_bytes(), ModelManifest))
