"""Another user of the machine, and a place that is open to them."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.security.another_user import Stranger


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory whose way every user may go, unlike that of ``tmp_path``."""
    place = Path(tempfile.mkdtemp(prefix="cshis-bridge-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.fixture
def stranger() -> Stranger:
    """Needs root: only root may start a process of another user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("starting a process of another user needs root")
    return Stranger()
