import gc
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from importlib import import_module
from pathlib import Path
from threading import Event

import pytest

from shared.importing import importing

# Whoever comes first waits for the other a while.
WHOLE = """\
from tests.shared.test_importing import HALF_THERE, PART_BEGUN

FIRST = 1
HALF_THERE.set()
PART_BEGUN.wait(0.5)
from importing_whole.part import LAST
"""
PART = """\
from tests.shared.test_importing import PART_BEGUN

PART_BEGUN.set()
from importing_whole import FIRST

LAST = FIRST + 1
"""
HALF_THERE, PART_BEGUN = Event(), Event()


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two that import each other, as a package and its parts often do."""
    folder = tmp_path / "importing_whole"
    folder.mkdir()
    (folder / "__init__.py").write_text(WHOLE)
    (folder / "part.py").write_text(PART)
    monkeypatch.syspath_prepend(tmp_path)
    HALF_THERE.clear()
    PART_BEGUN.clear()
    yield
    for name in ("importing_whole", "importing_whole.part"):
        sys.modules.pop(name, None)


def both(turn: Callable[[], AbstractContextManager[None]]) -> list[BaseException | None]:
    """What two threads run into that import them at the same time."""

    def imported(name: str) -> None:
        with turn():
            import_module(name)

    with ThreadPoolExecutor(2) as threads:
        whole = threads.submit(imported, "importing_whole")
        assert HALF_THERE.wait(60)
        part = threads.submit(imported, "importing_whole.part")
        return [one.exception(60) for one in (whole, part)]


@pytest.mark.usefixtures("modules")
def test_two_threads_that_import_modules_which_import_each_other_both_have_them() -> None:
    assert both(importing) == [None, None]


@pytest.mark.usefixtures("modules")
def test_without_a_turn_one_of_them_is_given_half_a_module() -> None:
    """Should this fail one day, Python has learnt it, and turns are needed no more."""
    assert any(isinstance(one, ImportError) for one in both(nullcontext))


def test_nothing_looks_for_garbage_meanwhile() -> None:
    with importing():
        assert not gc.isenabled()
        with importing():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_garbage_that_was_left_alone_stays_so() -> None:
    gc.disable()
    try:
        with importing():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_an_import_that_fails_leaves_it_as_it_was() -> None:
    with pytest.raises(ModuleNotFoundError), importing():
        import_module("no_such_module_at_all")
    assert gc.isenabled()
