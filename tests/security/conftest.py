"""Bridges for the tests of who may do what, and another user of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "routes"))  # its bridge serves here, too

from bridge_process import Bridge, running_bridge

NOBODY = 65534


@pytest.fixture(scope="session")
def security_bridge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    with running_bridge(tmp_path_factory.mktemp("security-bridge")) as running:
        yield running


@pytest.fixture
def bridge(security_bridge: Bridge) -> Bridge:
    """A bridge, its simulator in the start state."""
    security_bridge.sim.reset()
    return security_bridge


@pytest.fixture
def open_place() -> Iterator[Path]:
    """A directory whose way every user may go, unlike that of ``tmp_path``."""
    place = Path(tempfile.mkdtemp(prefix="cshis-bridge-"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


class Stranger:
    """Another user of the machine, who may run programs and see the same files."""

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program as that user."""
        return subprocess.run(
            command, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/", timeout=30,
            env={"PATH": "/usr/bin:/bin", **environment}, capture_output=True, text=True,
        )  # fmt: skip

    def can_read(self, path: Path) -> bool:
        """Whether that user gets at a file's content or a directory's names."""
        return self.run("ls" if path.is_dir() else "cat", str(path)).returncode == 0

    def can_write(self, path: Path) -> bool:
        """Whether that user can write to a file or into a directory."""
        return self.run("test", "-w", str(path)).returncode == 0


@pytest.fixture
def stranger() -> Stranger:
    """Needs root: only root may start a process of another user."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("starting a process of another user needs root")
    return Stranger()
