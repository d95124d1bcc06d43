"""The package by itself: what it is made of, and that the same parts make the same bytes."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

import bridge
from native.debian.__main__ import LOCK
from native.debian.control import CannotPack, Package
from native.debian.tree import lay_out
from tests.deb.conftest import ROOT

PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PACKAGES = f"usr/lib/cshis-bridge/lib/python{PYTHON}/site-packages"
DOCUMENTS = "usr/share/doc/cshis-bridge"
MOST_BYTES = 20 * 1024 * 1024


@pytest.fixture(scope="module")
def tree(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its files."""
    folder = tmp_path_factory.mktemp("tree")
    subprocess.run(["dpkg-deb", "--extract", package, folder], check=True)
    return folder


def field(package: Path, name: str) -> str:
    asked = ["dpkg-deb", "--field", str(package), name]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def test_the_same_parts_make_the_same_bytes(package: Path, again: Path) -> None:
    assert package != again
    assert package.read_bytes() == again.read_bytes()


def test_lintian_finds_no_error(package: Path) -> None:
    done = subprocess.run(["lintian", "--fail-on", "error,warning", package], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_names_what_it_needs(package: Path) -> None:
    assert (
        package.name == f"cshis-bridge_{bridge.__version__}+py{PYTHON}_{field(package, 'Architecture')}.deb"
    )
    needs = field(package, "Depends")
    following = f"3.{sys.version_info.minor + 1}"
    assert f"python3 (>= {PYTHON}~), python3 (<< {following}~)" in needs
    assert "libc6 (>= 2." in needs
    assert package.stat().st_size <= MOST_BYTES


def test_every_part_is_listed_and_brings_its_licence(tree: Path) -> None:
    text = (tree / DOCUMENTS / "sbom.cdx.json").read_text(encoding="utf-8")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    listed = {part["name"]: part["version"] for part in json.loads(text)["components"]}
    pinned = dict(
        line.split(" ")[0].split("==")
        for line in (ROOT / LOCK).read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith(("#", " "))
    )
    assert listed == pinned
    said = (tree / DOCUMENTS / "copyright").read_text(encoding="utf-8")
    installed = {
        folder.name.removesuffix(".dist-info").split("-")[0]
        for folder in (tree / PACKAGES).glob("*.dist-info")
    }
    assert {name.replace("_", "-").lower() for name in installed} == {*pinned, "cshis-bridge"}
    for name, version in pinned.items():
        assert f"\n{name} {version}\n  licence: ".lower().replace("_", "-") in said.lower().replace("_", "-")
    assert [name for name in installed if not (tree / DOCUMENTS / "licences" / name).is_dir()] == []


def test_nothing_tells_where_it_was_built(tree: Path) -> None:
    for file in tree.rglob("*"):
        if file.is_file() and not file.is_symlink():
            assert str(ROOT).encode() not in file.read_bytes(), file


def test_the_library_has_both_names_and_no_dll_comes_along(tree: Path) -> None:
    home = tree / "usr/lib/cshis-bridge"
    library = f"{PACKAGES}/bridge/native_libraries/linux-{platform.machine()}/libcshis.so"
    for name in ("libcshis.so", "cshis50.so"):
        assert (home / name).resolve() == (tree / library).resolve()
    assert not list(tree.rglob("*.dll"))


def test_a_wheel_without_the_library_is_refused(tmp_path: Path) -> None:
    """As pip makes it where there is no C compiler."""
    made = Package("0.1.0", "amd64", PYTHON, "nobody", 0)
    with pytest.raises(CannotPack, match="made without a C compiler"):
        lay_out(tmp_path, made, [])
