"""``python -m native.debian --wheel FILE``: the .deb, under build/debian.

It is for one version of Python, that of the Debian or Ubuntu on which it is to be installed. Needs dpkg-dev.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import bridge
from native.debian.control import CannotPack, Package, libraries, write_control
from native.debian.texts import copyright_text
from native.debian.tree import DOCUMENTS, lay_out
from native.installer.bom import NAME as SBOM
from native.installer.bom import bill_of_materials
from native.installer.parts import PartRefused, wheels
from native.installer.tree import STAMP

OUTPUT = Path("build/debian")
LOCK = Path("packaging/linux/wheels.lock")
MAINTAINER = "cshis-bridge <maintainer@cshis-bridge.example>"
NEWEST_GLIBC, OLDEST_GLIBC = 34, 5  # minor numbers that wheels are taken for
MINUTES = 10


def build(
    wheel: Path,
    output: Path,
    python: str = f"{sys.version_info.major}.{sys.version_info.minor}",
    version: str = bridge.__version__,
    maintainer: str = MAINTAINER,
) -> Path:
    """Everything in order. In: the bridge's wheel for Linux; the folder to write to; the Python of the system
    on which it is installed, such as "3.11"; version and maintainer that the package names.

    Out: the package. The same parts make the same bytes; the time in them is SOURCE_DATE_EPOCH, or a fixed
    one. Raises PartRefused, CannotPack.
    """
    stamp = int(os.environ.get("SOURCE_DATE_EPOCH", STAMP))
    package = Package(f"{version}+py{python}", _architecture(), python, maintainer, stamp)
    downloads = output / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    others = wheels(python, _platforms(), LOCK, downloads)
    with tempfile.TemporaryDirectory(dir=output) as folder:
        root = Path(folder, "root")
        programs = lay_out(root, package, [*others, wheel])
        documents = root / DOCUMENTS
        (documents / SBOM).write_text(bill_of_materials(others), encoding="utf-8")
        (documents / "copyright").write_text(copyright_text([*others, wheel]), encoding="utf-8")
        write_control(root, package, libraries(programs))
        return _packed(root, package, output)


def _packed(root: Path, package: Package, output: Path) -> Path:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        os.utime(path, (package.stamp, package.stamp), follow_symlinks=False)
    target = output / f"cshis-bridge_{package.version}_{package.architecture}.deb"
    # one thread: several cut the package into blocks, which makes other bytes; the highest level takes five
    # times as long for a sixth less
    command = [
        "dpkg-deb",
        "--root-owner-group",
        "-Zxz",
        "-z1",
        "--threads-max=1",
        "--build",
        str(root),
        str(target),
    ]
    _run(*command, SOURCE_DATE_EPOCH=str(package.stamp))
    return target


def _architecture() -> str:
    return _run("dpkg", "--print-architecture").strip()


def _platforms() -> list[str]:
    """The platforms of wheels that run there, the newest first."""
    machine = os.uname().machine
    numbered = [f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, OLDEST_GLIBC - 1, -1)]
    return [*numbered, f"manylinux2014_{machine}", f"manylinux2010_{machine}", f"manylinux1_{machine}"]


def _run(*command: str, **environment: str) -> str:
    """Out: what the tool printed. Raises CannotPack."""
    if shutil.which(command[0]) is None:
        raise CannotPack(f"{command[0]} is needed; it is part of Debian and Ubuntu")
    try:
        done = subprocess.run(  # noqa: S603 - tools of the build machine
            command,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **environment},
            timeout=MINUTES * 60,
        )
    except subprocess.CalledProcessError as error:
        raise CannotPack(f"{command[0]}: {(error.stdout + error.stderr).strip()}") from error
    except subprocess.TimeoutExpired as error:
        raise CannotPack(f"{command[0]} did not end in {MINUTES} minutes") from error
    return done.stdout


def main(arguments: Sequence[str] | None = None) -> int:
    """The command. Out: 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(
        prog="python -m native.debian", description="build the package for Debian and Ubuntu"
    )
    parser.add_argument("--wheel", type=Path, required=True, help="the bridge's wheel for Linux")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument(
        "--python", default=f"{sys.version_info.major}.{sys.version_info.minor}", metavar="3.N",
        help="version of python3 where it is installed: 3.11 Debian 12, 3.12 Ubuntu 24.04, 3.13 Debian 13",
    )  # fmt: skip
    parser.add_argument("--maintainer", default=MAINTAINER, help="name and address that the package names")
    chosen = parser.parse_args(arguments)
    try:
        made = build(chosen.wheel, chosen.output, chosen.python, maintainer=chosen.maintainer)
    except (PartRefused, CannotPack) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{made} {made.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
