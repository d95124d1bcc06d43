"""The files of the package, under an empty root: a private environment for the system's Python, a command."""

import gzip
import shutil
from collections.abc import Sequence
from pathlib import Path
from string import Template

from native.debian.control import CannotPack, Package
from native.debian.texts import changelog, man_page
from native.installer.tree import unpack

SOURCE = Path(__file__).parents[2] / "packaging" / "debian"
HOME = Path("usr/lib/cshis-bridge")
DOCUMENTS = Path("usr/share/doc/cshis-bridge")
LIBRARY = "libcshis.so"
OFFICIAL = "cshis50.so"  # the name by which programs of the official Linux software load it
FILES = {
    "cshis-bridge": ("usr/bin/cshis-bridge", 0o755),
    "cshis-bridge.service": ("lib/systemd/system/cshis-bridge.service", 0o644),
    "cshis-bridge.user.service": ("usr/lib/systemd/user/cshis-bridge.service", 0o644),
    "config.toml": ("etc/cshis-bridge/config.toml", 0o644),
    "lintian-overrides": ("usr/share/lintian/overrides/cshis-bridge", 0o644),
}
README = Path(__file__).parents[2] / "docs" / "install" / "debian.md"


def lay_out(root: Path, package: Package, wheels: Sequence[Path]) -> list[Path]:
    """Fill an empty root. In: the wheels, the bridge's own among them. Out: the programs and libraries in it
    that need others. Raises CannotPack.
    """
    packages = _environment(root / HOME, package.python)
    for wheel in wheels:
        unpack(wheel, packages, root / DOCUMENTS / "licences" / wheel.name.split("-")[0])
    _libraries(root / HOME, packages)
    for name, (place, mode) in FILES.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(SOURCE / name, target)
        target.chmod(mode)
    shutil.copyfile(README, root / DOCUMENTS / "README.md")
    _compressed(root / DOCUMENTS / "changelog.gz", changelog(package))
    _compressed(root / "usr/share/man/man1/cshis-bridge.1.gz", man_page(package, SOURCE))
    return sorted(packages.rglob("*.so*"))


def _environment(home: Path, python: str) -> Path:
    """What ``python3 -m venv`` makes, without pip. Out: the folder of its packages."""
    packages = home / "lib" / f"python{python}" / "site-packages"
    packages.mkdir(parents=True)
    (home / "bin").mkdir()
    (home / "bin" / "python3").symlink_to(f"../../../bin/python{python}")
    settings = Template("home = /usr/bin\ninclude-system-site-packages = false\nversion = $python\n")
    (home / "pyvenv.cfg").write_text(settings.substitute(python=python), encoding="ascii")
    return packages


def _libraries(home: Path, packages: Path) -> None:
    """The library for programs of this machine gets its two names; DLLs for Windows stay out."""
    carried = packages / "bridge" / "native_libraries"
    for folder in carried.glob("win*"):
        shutil.rmtree(folder)
    found = list(carried.glob(f"linux-*/{LIBRARY}"))
    if len(found) != 1:
        raise CannotPack(f"the wheel has no {LIBRARY}: it was made without a C compiler")
    (home / LIBRARY).symlink_to(found[0].relative_to(home))
    (home / OFFICIAL).symlink_to(LIBRARY)


def _compressed(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
