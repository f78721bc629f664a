"""What a program that means harm can read of its node, held by the real guard."""

from pathlib import Path

import pytest

from agent.training.running.confined import Ending
from agent.training.running.limits import Limits
from tests.agent.training.running.programs import (
    WITH_COVERED_PROC,
    WITHOUT_LANDLOCK,
    confining,
    ran,
    said_where,
)

pytestmark = pytest.mark.timeout(300)
# Of every process that is seen, whether its environment is told; then how many are seen.
LOOK_AROUND = """\
from glob import glob
def told(path):
    try: return b"very-secret" in open(path, "rb").read()
    except OSError: return False
print(any(map(told, glob("/proc/[0-9]*/environ"))))
print(len(glob("/proc/[0-9]*")))
"""


def secrets(folder: Path, own: Path) -> list[Path]:
    """Files and folders of a node that are not this run's."""
    found = [one for one in folder.rglob("*") if own != one and own not in one.parents]
    assert {"credential.json", ".netrc", "agent.toml", "other", "network.py"} <= {one.name for one in found}
    return found


def disks() -> list[str]:
    return [str(one) for one in Path("/dev").iterdir() if one.is_block_device()]


def node(folder: Path) -> Path:
    """A node's files, with two runs; the folder of the first."""
    own, other = (folder / "state" / "common" / "training" / "runs" / name for name in ("own", "other"))
    for one in (own, other):
        one.mkdir(parents=True)
        (one / "network.py").write_text("network")
    for file in (folder / "state" / "credential.json", folder / "home" / ".netrc", folder / "etc" / "agent.toml"):
        file.parent.mkdir(exist_ok=True)
        file.write_text("very-secret")
    return own


def reading(*paths: Path) -> str:
    """A program that says of each file or folder what it got, or that it was refused."""
    return (
        "import os\n"
        f"for path in {[str(path) for path in paths]!r}:\n"
        "    try: print(os.listdir(path) if os.path.isdir(path) else open(path).read())\n"
        "    except PermissionError: print('refused')\n"
    )


async def test_a_program_reads_nothing_of_its_user_but_its_own_folder(tmp_path: Path, home: Path) -> None:
    own = node(tmp_path)
    kept = [*secrets(tmp_path, own), home / ".netrc", Path("/etc/shadow"), Path("/etc"), Path("/")]
    _, said = await ran(own, reading(*kept, own / "network.py"))
    assert said == [*["refused"] * len(kept), "network"]


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of the agent's user."""
    made = tmp_path_factory.mktemp("home")
    (made / ".netrc").write_text("very-secret")
    monkeypatch.setenv("HOME", str(made))
    return made


async def test_a_link_in_its_own_folder_leads_a_program_nowhere_else(tmp_path: Path) -> None:
    own = node(tmp_path)
    (own / "link").symlink_to(tmp_path / "state" / "credential.json")
    through_itself = Path(f"/proc/self/root{tmp_path}/state/credential.json")
    _, said = await ran(own, reading(own / "link", own / ".." / "other" / "network.py", through_itself))
    assert said == ["refused"] * 3


async def test_a_program_gets_at_no_disk_and_at_no_setting_of_the_kernel(tmp_path: Path) -> None:
    tries = (
        "import os\n"
        f"for path in {[*disks(), '/proc/sys/kernel/core_pattern']!r}:\n"
        "    try: os.close(os.open(path, os.O_RDWR)); print(path)\n"
        "    except OSError: pass\n"
    )
    assert await ran(tmp_path, tries) == (Ending(status=0), [])


async def test_a_program_reads_what_its_limits_name_and_does_not_write_there(tmp_path: Path) -> None:
    own = node(tmp_path)
    shelf, weights = tmp_path / "shelf" / "rows", tmp_path / "artifacts" / "weights"
    for one in (shelf, weights):
        one.parent.mkdir()
        one.write_text("given")
    limits = Limits(reads=(str(shelf.parent), str(weights), str(tmp_path / "not-there")))
    beside = weights.with_name("other")
    beside.write_text("not given")
    _, said = await ran(own, reading(shelf, shelf.parent, weights, beside), limits=limits)
    assert said == ["given", "['rows']", "given", "refused"]
    ending, _ = await ran(own, f"open({str(shelf)!r}, 'w')", limits=limits)
    assert "PermissionError" in ending.errors[-1]


@pytest.mark.parametrize("limits", [Limits(reads=None), Limits(disk=True)])
async def test_a_program_of_ones_own_may_be_let_read_everything(tmp_path: Path, limits: Limits) -> None:
    own = node(tmp_path)
    _, said = await ran(own, reading(tmp_path / "state" / "credential.json"), limits=limits)
    assert said == ["very-secret"]


async def test_of_a_source_tree_on_the_path_modules_are_read_and_not_what_lies_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, tree = node(tmp_path), tmp_path
    (tree / "package" / "inner").mkdir(parents=True)
    for module in ("package/__init__.py", "package/inner/module.py", "single.py"):
        (tree / module).write_text("found = True")
    monkeypatch.setenv("PYTHONPATH", str(tree))
    credential = tree / "state" / "credential.json"
    ending, said = await ran(own, f"import package.inner.module, single\n{reading(credential)}")
    assert (ending.status, said) == (0, ["refused"])


async def test_packages_that_were_installed_aside_are_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, site, data = node(tmp_path), tmp_path / "site", tmp_path / "data"
    for folder in ("namespace/package", "package.libs", "package-1.0.dist-info"):
        (site / folder).mkdir(parents=True)
    (site / "package.libs" / "library.so").write_text("library")
    (site / "namespace" / "package" / "module.py").write_text("found = True")
    data.mkdir()
    (data / "weights").write_text("weights")
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("KERAS_HOME", str(data))
    code = f"import namespace.package.module\n{reading(site / 'package.libs' / 'library.so', data / 'weights')}"
    ending, said = await ran(own, code)
    assert (ending.status, said) == (0, ["library", "weights"])


@pytest.mark.parametrize("named", ["/dev/stderr", "/", "/not/there", "no path"])
async def test_what_the_environment_names_may_be_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("TORCH_LOGS_OUT", named)
    own = node(tmp_path)
    _, said = await ran(own, reading(own / "network.py", tmp_path / "state" / "credential.json"))
    assert said == ["network", "refused"]


async def test_a_program_sees_no_process_but_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGLINE_AGENT_TOKEN", "very-secret")
    _, said = await ran(tmp_path, LOOK_AROUND)
    assert said == ["False", "2"]


async def test_where_no_proc_can_be_mounted_it_sees_others_and_not_their_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGLINE_AGENT_TOKEN", "very-secret")
    told, seen, *_ = (await said_where(WITH_COVERED_PROC, confining(tmp_path, LOOK_AROUND))).splitlines()
    assert told == "False"
    assert int(seen) > 2


async def test_where_the_kernel_has_no_landlock_the_program_runs_and_this_is_said(tmp_path: Path) -> None:
    own = node(tmp_path)
    code = reading(tmp_path / "state" / "credential.json")
    notice, read, ending = (await said_where(WITHOUT_LANDLOCK, confining(own, code))).splitlines()
    assert notice.endswith("with `landlock` in /sys/kernel/security/lsm")
    assert read == "very-secret"
    assert ending.startswith("Ending(status=0")
