"""What a federation has learnt, and who helped when, in one picture."""

from pathlib import Path

from fogline.run_pictures import KINDS, require_drawable
from shared.documents.federation_workloads import FederationView
from shared.errors import SettingsError
from shared.storage import replace_file, storage_errors

__all__ = ["draw", "require_drawable"]


def draw(view: FederationView, to: Path) -> None:
    """A .png or .svg. Raises SettingsError for another name or where there is nothing to draw, StorageError."""
    from fogline.federation_pictures import learning, updates
    from fogline.run_pictures import files

    if to.suffix.lower() not in KINDS or to.is_dir():
        raise SettingsError(f"{to} is no picture that can be drawn: name it .png or .svg")
    drawn = [one for one in (learning.picture(view), updates.picture(view)) if one is not None]
    if not drawn:
        raise SettingsError(
            f"{view.federation.name} has neither metrics nor updates to draw yet: it has published no model"
        )
    content = files.of_all(drawn, to.suffix.lower().removeprefix("."), title=_title(view))
    with storage_errors(to):
        to.parent.mkdir(parents=True, exist_ok=True)
    replace_file(to, content)


def _title(view: FederationView) -> str:
    wanted = view.federation
    return f"{wanted.name}: {wanted.network} by {wanted.strategy.name}, {len(view.sites)} sites, {view.state.value}"
