"""A mistake is placed in the user's file, however the file was named."""

from importlib import util
from pathlib import Path

import pytest

from agent.training.networks.places import place

SOURCE = "def deeper():\n    return [][1]\n\n\ndef network():\n    return deeper()\n"


def raised(file: Path) -> Exception:
    spec = util.spec_from_file_location("placed", file)
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    with pytest.raises((IndexError, SyntaxError)) as caught:
        spec.loader.exec_module(module)
        module.network()
    return caught.value


@pytest.mark.parametrize("name", ["network.py", "./network.py", "{folder}/network.py"])
@pytest.mark.parametrize(("source", "line"), [(SOURCE, 2), ("x = 1\ny = (\n", 2)])
def test_the_last_line_of_the_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, source: str, line: int
) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path(name.format(folder=tmp_path))
    file.write_text(source)
    assert place(file, raised(file)) == f"{file}:{line}"


def test_an_error_from_elsewhere_is_placed_where_it_was_expected() -> None:
    assert place(Path("network.py"), ValueError("elsewhere"), otherwise=7) == "network.py:7"
