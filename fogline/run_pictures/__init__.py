"""What a run learnt and how it was judged, as pictures.

Each is drawn alone into a folder, as PNG and SVG, or all of them under each other into one file.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from shared.errors import SettingsError, StorageError, UnavailableError
from shared.storage import replace_file

if TYPE_CHECKING:
    from agent.training.judging.judgements import Judgements
    from agent.training.results import History

KINDS = (".png", ".svg")


def require_drawable(to: Path) -> None:
    """A folder, or a file of a kind that can be drawn; raises SettingsError, UnavailableError."""
    if to.is_file() and to.suffix.lower() not in KINDS:
        raise SettingsError(f"{to} is no picture that can be drawn: name it .png or .svg, or name a folder")
    if find_spec("matplotlib") is None:
        raise UnavailableError("a picture needs matplotlib: pip install 'fogline[experiments]'")


def draw(
    judgements: "Judgements | None",
    history: "History | None",
    to: Path,
    *,
    name: str = "",
    labels: Sequence[str] = (),
) -> tuple[Path, ...]:
    """The files written. `labels`: names of the classes, or none.

    Raises SettingsError where there is nothing to draw, StorageError.
    """
    from fogline.run_pictures import files
    from fogline.run_pictures.pictures import pictures

    drawn = pictures(judgements, history, labels=labels)
    if not drawn:
        raise SettingsError(f"{name or 'this run'} has neither curves nor judgements to draw yet")
    if to.suffix.lower() in KINDS and not to.is_dir():
        kind = to.suffix.lower().removeprefix(".")
        _write(to, files.of_all(drawn, kind, title=name))
        return (to,)
    written = []
    for one in drawn:
        for kind in ("png", "svg"):
            path = to / f"{one.name}.{kind}"
            _write(path, files.of_one(one, kind))
            written.append(path)
    return tuple(written)


def _write(path: Path, content: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(f"{path.parent}: {error.strerror}") from error
    replace_file(path, content)
