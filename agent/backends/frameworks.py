"""Whether a framework is here, and which one, without importing it; and what it says when something is wrong."""

from importlib import metadata, util

from shared.errors import UnavailableError


def version(module: str, *distributions: str, extra: str) -> str:
    """The version of the first of `distributions` that is installed. Raises UnavailableError when `module` is not."""
    if util.find_spec(module) is not None:
        for distribution in distributions:
            try:
                return metadata.version(distribution)
            except metadata.PackageNotFoundError:
                continue
    raise UnavailableError(f"{module} is not installed: pip install 'fogline[{extra}]'")


def one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__
