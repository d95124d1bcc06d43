"""What dpkg reads of the package: its control file, what is run around installing, the sums of its files."""

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

SOURCE = Path(__file__).parents[2] / "packaging" / "debian"
SCRIPTS = ("postinst", "prerm", "postrm")
MINUTES = 5


class CannotPack(Exception):
    """A tool or a part is missing, or a tool refused its work."""


@dataclass(frozen=True)
class Package:
    """What it is called by. ``python``: such as "3.11". ``stamp``: the time of all its files."""

    version: str
    architecture: str
    python: str
    maintainer: str
    stamp: int

    @property
    def next_python(self) -> str:
        """Such as "3.12"."""
        major, minor = self.python.split(".")
        return f"{major}.{int(minor) + 1}"


def write_control(root: Path, package: Package, libraries: str) -> None:
    """Write ``root``/DEBIAN for the files under ``root``. In: packages of the system that they need, as
    dpkg-shlibdeps names them.
    """
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and not path.is_symlink()]
    control = root / "DEBIAN"
    control.mkdir()
    values = {
        "version": package.version,
        "architecture": package.architecture,
        "python": package.python,
        "next_python": package.next_python,
        "maintainer": package.maintainer,
        "kibibytes": str(sum(-(-path.stat().st_size // 1024) for path in files)),
        "libraries": libraries,
    }
    names = [path.relative_to(root).as_posix() for path in files]
    for name in ("control", *SCRIPTS):
        text = (SOURCE / name).read_text(encoding="utf-8")
        # scripts have variables of their own, which stay
        (control / name).write_text(Template(text).safe_substitute(values), encoding="utf-8")
    for name in SCRIPTS:
        (control / name).chmod(0o755)
    conffiles = [f"/{name}\n" for name in names if name.startswith("etc/")]
    (control / "conffiles").write_text("".join(conffiles), encoding="utf-8")
    sums = [f"{hashlib.md5((root / name).read_bytes()).hexdigest()}  {name}\n" for name in names]  # noqa: S324 - dpkg's format
    (control / "md5sums").write_text("".join(sums), encoding="utf-8")


def libraries(files: Sequence[Path]) -> str:
    """Packages of the system, with versions, that programs and libraries need: "libc6 (>= 2.28), ...".

    Raises CannotPack.
    """
    with tempfile.TemporaryDirectory() as folder:
        described = Path(folder, "debian", "control")
        described.parent.mkdir()
        described.write_text(
            "Source: cshis-bridge\n\nPackage: cshis-bridge\nArchitecture: any\n", encoding="ascii"
        )
        command = ["dpkg-shlibdeps", "-O", *(str(file.absolute()) for file in files)]
        try:
            done = subprocess.run(  # noqa: S603 - a tool of the build machine
                command, cwd=folder, check=True, capture_output=True, text=True, timeout=MINUTES * 60
            )
        except OSError as error:
            raise CannotPack(
                f"dpkg-shlibdeps is needed (Debian: apt-get install dpkg-dev): {error}"
            ) from error
        except subprocess.CalledProcessError as error:
            raise CannotPack(f"dpkg-shlibdeps: {error.stderr.strip()}") from error
        except subprocess.TimeoutExpired as error:
            raise CannotPack(f"dpkg-shlibdeps did not end in {MINUTES} minutes") from error
    found = re.fullmatch(r"shlibs:Depends=(.+)\n", done.stdout)
    if found is None:
        raise CannotPack(f"dpkg-shlibdeps said: {done.stdout.strip() or done.stderr.strip()}")
    return found[1]
