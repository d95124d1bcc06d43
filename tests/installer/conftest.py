"""The installer, built once, and a Windows to install it into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from native.installer.__main__ import OUTPUT, build
from tests.installer.windows import Windows

ROOT = Path(__file__).parents[2]
LATER = "0.9.9"


@dataclass(frozen=True)
class Package:
    """What `make installer` makes."""

    msi: Path
    portable: Path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bridge for Windows, with the DLLs that `make native-windows` has built."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--wheel-dir",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(command, check=True, env={**os.environ, "CSHIS_BRIDGE_WHEEL": "windows"}, cwd=ROOT)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return Package(*_build(wheel, tmp_path_factory.mktemp("package")))


@pytest.fixture(scope="session")
def later(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The same as a later version."""
    return Package(*_build(wheel, tmp_path_factory.mktemp("later"), version=LATER))


@pytest.fixture(scope="session")
def again(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The same, built once more in another folder."""
    return Package(*_build(wheel, tmp_path_factory.mktemp("again")))


def _build(wheel: Path, folder: Path, **further: str) -> list[Path]:
    """Downloads are shared with `make installer`: they are checked each time."""
    shared = ROOT / OUTPUT / "downloads"
    shared.mkdir(parents=True, exist_ok=True)
    (folder / "downloads").symlink_to(shared)
    return build(wheel, folder, **further)


@pytest.fixture(scope="session")
def windows(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    home = tmp_path_factory.mktemp("windows") / "home"
    made = Windows(home)
    made.make()
    yield made
    made.stop()
    shutil.rmtree(home, ignore_errors=True)
