"""The folder that is installed: Python, wheels, the bridge, the commands, licences.

Nothing of it depends on where or when it was built.
"""

import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

PACKAGES = "Lib/site-packages"
LICENCES = "licences"
SEARCH_PATH = "{archive}\n.\n" + PACKAGES.replace("/", "\\") + "\n"
STAMP = 1_767_225_600  # every file's time: 1 January 2026, UTC
LEFT_OUT = (".pyi", ".pxd", ".h", ".c")  # what only compilers and type checkers read
TESTS = frozenset({"tests", "test"})
LICENCE_NAMES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS")


def lay_out(
    tree: Path, python: Mapping[str, bytes], wheels: Iterable[Path], programs: Iterable[Path], licence: Path
) -> None:
    """Fill an empty folder.

    In: the files of the embeddable Python by name; the wheels, the bridge's own among them; the programs that
    start it; the project's licence.
    """
    packages = tree / PACKAGES
    packages.mkdir(parents=True)
    for name, content in python.items():
        (tree / name).write_bytes(content)
    (search_path,) = tree.glob("python*._pth")
    search_path.write_text(SEARCH_PATH.format(archive=f"{search_path.stem}.zip"), encoding="ascii")
    for program in programs:
        shutil.copyfile(program, tree / program.name)
    licences = tree / LICENCES
    _copy_licence(licences / "cshis-bridge" / "LICENSE.txt", licence.read_bytes())
    _copy_licence(licences / "Python" / "LICENSE.txt", python["LICENSE.txt"])
    (tree / "LICENSE.txt").unlink()
    for wheel in wheels:
        unpack(wheel, packages, licences / wheel.name.split("-")[0])


def stamp(tree: Path) -> None:
    """Give every file and folder one time and usual rights, so that the same parts make the same package."""
    for path in (tree, *tree.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (STAMP, STAMP))


def unpack(wheel: Path, packages: Path, licences: Path) -> None:
    """In: a wheel; the folder of packages to put it into; the folder that gets a copy of its licences."""
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            place = _place(PurePosixPath(name))
            if name.endswith("/") or place is None:
                continue
            target = packages / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
            if _is_licence(place):
                _copy_licence(licences / place.name, archive.read(name))


def _place(name: PurePosixPath) -> PurePosixPath | None:
    """Where a file of a wheel goes, or None where an installation has no use for it."""
    parts = name.parts
    if ".." in parts or name.is_absolute():
        raise ValueError(f"a wheel with the path {name}")
    if parts[0].endswith(".data"):
        if parts[1] not in ("purelib", "platlib"):
            return None  # commands and headers
        parts = parts[2:]
    if name.suffix in LEFT_OUT or TESTS.intersection(parts[:-1]):
        return None
    return PurePosixPath(*parts)


def _is_licence(place: PurePosixPath) -> bool:
    inside = place.parts[0].endswith(".dist-info")
    return inside and ("licenses" in place.parts or place.name.upper().startswith(LICENCE_NAMES))


def _copy_licence(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
