"""What can go wrong with a measurement itself."""

from shared.errors import FoglineError


class BenchError(FoglineError):
    """A program under test did not do its work in time, so there is nothing to measure."""
