"""A folder beside a user's script that has the name of one of our packages."""

import subprocess
import sys
from pathlib import Path

import pytest

from fogline.own_packages import PACKAGES


def run_beside(script: Path, code: str = "import fogline\nprint('imported')\n") -> subprocess.CompletedProcess[str]:
    script.write_text(code)
    return subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_foreign_package_is_named_with_the_remedy(tmp_path: Path, name: str) -> None:
    foreign = tmp_path / name
    foreign.mkdir()
    (foreign / "__init__.py").write_text("")
    done = run_beside(tmp_path / "script.py")
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last == (
        f"ImportError: {foreign} hides Fogline's own package {name!r}: "
        "rename it, or run your program from another folder"
    )


def test_a_foreign_module_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "shared.py").write_text("")
    done = run_beside(tmp_path / "script.py")
    assert f"{tmp_path / 'shared.py'} hides Fogline's own package 'shared'" in done.stderr.splitlines()[-1]


def test_a_foreign_package_imported_before_is_named_too(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("")
    done = run_beside(tmp_path / "script.py", "import agent\nimport fogline\n")
    assert "hides Fogline's own package 'agent'" in done.stderr.splitlines()[-1]


def test_a_folder_without_python_in_it_hides_nothing(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    assert run_beside(tmp_path / "script.py").stdout == "imported\n"


def test_the_command_line_is_safe_beside_foreign_folders(tmp_path: Path) -> None:
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('taken for ours')")
    command = Path(sys.executable).with_name("fogline")
    done = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
