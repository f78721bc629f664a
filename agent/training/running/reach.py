"""What of a node's files somebody else's code may read and write: its own folder, Python, and what that is made of.

Nothing that is its user's: no credential, no settings, no home, no folder of another run.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import agent
from agent.training.running.landlock import LIST, READ, WRITE
from agent.training.running.limits import Limits

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/var/cache/fontconfig", "/proc")
# What loaders, time zones, names of users, certificates and fonts are found by. Never the whole: services keep secrets.
_ETC = (
    *("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "localtime", "timezone", "locale.alias"),
    *("nsswitch.conf", "passwd", "group", "host.conf", "hosts", "resolv.conf", "protocols", "services", "mime.types"),
    *("ssl/certs", "ssl/cert.pem", "ssl/openssl.cnf", "pki/tls/certs", "pki/tls/cert.pem", "pki/tls/openssl.cnf"),
    *("pki/ca-trust", "crypto-policies", "fonts", "OpenCL", "python3", f"python3.{sys.version_info.minor}"),
)
_SYS = ("devices", "bus", "class", "module", "fs/cgroup", "kernel/mm", "firmware/devicetree")
# Without disks, which hold everybody's files, and without what people are heard and seen by.
_DEVICES = (
    *("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm"),
    *("nvidia*", "nvhost*", "nvgpu*", "nvmap", "dri", "kfd", "dxg", "accel", "infiniband"),
)
# Of an installation, so that what else lies beside them, as a node's state may, is not in it.
_PYTHON = ("pyvenv.cfg", "bin", "include", "lib", "lib32", "lib64", "libexec", "nvvm", "share", "ssl", "targets")
_MODULES = {".py", ".so", ".pth"}
_DESCRIPTIONS = (".dist-info", ".egg-info")
# Programs are found by the first; the folder is the child's own anyway.
_NOT_NAMED_TO_BE_READ = frozenset({"PATH", "PYTHONPATH", "HOME", "TMPDIR"})


def granted(folder: Path, limits: Limits, environment: Mapping[str, str]) -> Iterator[tuple[Path, int]]:
    """Places, and the rights on each and all below it; for the Python that asks, with the environment of its child."""
    yield folder, READ | WRITE
    for pattern in _DEVICES:
        for device in Path("/dev").glob(pattern):
            yield device, READ | WRITE
    # Programs set themselves up there; what is the whole node's, the kernel takes from root alone.
    yield Path("/proc" if os.geteuid() else "/proc/self"), WRITE
    if limits.reads is None:
        return
    named = (*_SYSTEM, *_below("/etc", _ETC), *_below("/sys", _SYS), *_named_by(environment), *limits.reads)
    for place in map(Path, named):
        yield place, READ
    yield from _python()


def _python() -> Iterator[tuple[Path, int]]:
    installations = {Path(one) for one in (sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix)}
    for installation in installations:
        for part in _PYTHON:
            yield installation / part, READ
    # An editable installation may be found by a hook instead of a path.
    ours = Path(agent.__file__).parents[1]
    for place in {ours, *(Path(entry) for entry in sys.path if entry)}:
        if not any(installation / "lib" in place.parents for installation in installations):
            yield from importable(place)


def importable(place: Path) -> Iterator[tuple[Path, int]]:
    """Of a place on Python's path: the whole where packages were installed into it, else modules and packages alone.

    A source tree holds whatever its owner keeps in it; what is listed in it are names.
    """
    try:
        found = (*place.iterdir(),)
    except OSError:
        # An archive, or nothing that Python finds anything in.
        yield place, READ
        return
    if any(one.suffix == ".dist-info" for one in found):
        yield place, READ
        return
    yield place, LIST
    for one in found:
        is_module = one.suffix in _MODULES or one.name.endswith(_DESCRIPTIONS)
        if is_module or (one / "__init__.py").is_file():
            yield one, READ


def _below(folder: str, names: tuple[str, ...]) -> Iterator[str]:
    return (f"{folder}/{name}" for name in names)


def _named_by(environment: Mapping[str, str]) -> Iterator[str]:
    """Where the node's owner says that libraries lie, or what they load."""
    for name, value in environment.items():
        if name not in _NOT_NAMED_TO_BE_READ:
            yield from (one for one in value.split(":") if one.startswith("/") and one.strip("/"))
