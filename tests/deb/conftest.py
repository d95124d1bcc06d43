"""The package for Debian, built once, and a Debian to install it into."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from native.debian.__main__ import OUTPUT, build
from tests.deb.machine import Machine

ROOT = Path(__file__).parents[2]
LATER = "0.9.9"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As `make deb` makes it."""
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
    subprocess.run(command, check=True, cwd=ROOT)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="session")
def package(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _build(wheel, tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def again(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, built once more in another folder."""
    return _build(wheel, tmp_path_factory.mktemp("again"))


@pytest.fixture(scope="session")
def later(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a later version, and another text in its settings file."""
    folder = tmp_path_factory.mktemp("later")
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control, settings = tree / "DEBIAN" / "control", tree / "etc" / "cshis-bridge" / "config.toml"
    control.write_text(control.read_text().replace("\nVersion: 0.1.0+", f"\nVersion: {LATER}+"))
    settings.write_text(f"# of {LATER}\n{settings.read_text()}")
    made = folder / "later.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", tree, made], check=True)
    return made


def _build(wheel: Path, folder: Path) -> Path:
    """Downloads are shared with `make deb`: they are checked when they are made."""
    shared = ROOT / OUTPUT / "downloads"
    shared.mkdir(parents=True, exist_ok=True)
    (folder / "downloads").symlink_to(shared)
    return build(wheel, folder)


@pytest.fixture(scope="session")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    folder = tmp_path_factory.mktemp("debian")
    made = Machine(folder / "root")
    try:
        made.boot()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)
