"""A control plane for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.controlplane.stage import Site, opened


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with opened(tmp_path / "state") as site:
        yield site
