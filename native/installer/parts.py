"""The parts that come from elsewhere: the official embeddable Python and the wheels. All of it is pinned.

``packaging/windows/parts.toml`` pins the first by the sha256 of each file, ``packaging/windows/wheels.lock``
the second (pip's format with hashes, resolved for Windows and not for the machine that builds).
"""

import fnmatch
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

FOLDER = Path("packaging/windows")
PARTS = FOLDER / "parts.toml"
LOCK = FOLDER / "wheels.lock"
PLATFORMS = ("win_amd64",)
PIP_MINUTES = 10


class PartRefused(Exception):
    """A part is missing, or is not the one that is pinned; the message says which and why."""


@dataclass(frozen=True)
class Python:
    """The pinned Python. ``files``: sha256 by name. ``signers``: organisation by pattern of a name."""

    version: str
    library: str
    distribution: str
    distribution_sha256: str
    package: str
    package_sha256: str
    signers: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def minor(self) -> str:
        """Such as "3.13"."""
        return self.version.rpartition(".")[0]

    def signer(self, name: str) -> str:
        """Who has to have signed a file: the first pattern that fits."""
        return next(who for pattern, who in self.signers.items() if fnmatch.fnmatchcase(name, pattern))


def pinned_python(parts: Path = PARTS) -> Python:
    """Read the pins. Raises PartRefused."""
    try:
        return Python(**tomllib.loads(parts.read_text(encoding="utf-8"))["python"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PartRefused(f"{parts}: {error}") from error


def python_files(python: Python, given: Path | None, downloads: Path) -> dict[str, bytes]:
    """All files of the embeddable package, each as it is pinned.

    In: a local copy of the package (a ZIP file as python.org has it; None: it is downloaded); a folder for
    downloads, which are used again. Out: content by name. Raises PartRefused.
    """
    package = given.read_bytes() if given is not None else _from_distribution(python, downloads)
    if given is None:
        _check(package, python.package_sha256, python.package)
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            found = {PurePosixPath(name).name: archive.read(name) for name in names}
    except zipfile.BadZipFile as error:
        raise PartRefused(f"{given or python.package}: {error}") from error
    for name in sorted(found.keys() | python.files.keys()):
        if name not in found or name not in python.files:
            raise PartRefused(f"{name}: {'missing in the package' if name not in found else 'not pinned'}")
        _check(found[name], python.files[name], name)
    return found


def wheels(minor: str, platforms: Sequence[str], lock: Path, downloads: Path) -> list[Path]:
    """The wheels of the lock file, in order of their names. pip checks their hashes.

    In: for which Python, such as "3.13"; the platforms that will do, as wheels name them, the best first; the
    lock file; a folder for downloads, which are used again. Raises PartRefused.
    """
    wanted_for = " ".join((minor, *platforms)).encode()
    folder = downloads / hashlib.sha256(lock.read_bytes() + wanted_for).hexdigest()[:16]
    if not (folder / "complete").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        _pip(
            *("--require-hashes", "--only-binary=:all:", "--python-version", minor),
            *(word for platform in platforms for word in ("--platform", platform)),
            *("--dest", str(folder), "--requirement", str(lock)),
        )
        (folder / "complete").touch()
    found = sorted(folder.glob("*.whl"))
    wanted = len(re.findall(r"(?m)^[A-Za-z0-9][^#\s]*==", lock.read_text(encoding="utf-8")))
    if len(found) != wanted:
        raise PartRefused(f"{folder} has {len(found)} wheels, {lock} names {wanted}: delete that folder")
    return found


def _from_distribution(python: Python, downloads: Path) -> bytes:
    name, _, version = python.distribution.partition("==")
    archive = downloads / f"{name.replace('-', '_')}-{version}.tar.gz"
    if not archive.is_file():
        _pip("--no-binary=:all:", "--dest", str(downloads), python.distribution)
    content = archive.read_bytes()
    _check(content, python.distribution_sha256, archive.name)
    with tarfile.open(fileobj=io.BytesIO(content)) as opened:
        member = opened.extractfile(f"{archive.name.removesuffix('.tar.gz')}/{python.package}")
        if member is None:
            raise PartRefused(f"{archive.name} has no {python.package}")
        return member.read()


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    try:
        subprocess.run(  # noqa: S603 - our own interpreter
            [*command, *arguments], check=True, capture_output=True, text=True, timeout=PIP_MINUTES * 60
        )
    except subprocess.CalledProcessError as error:
        raise PartRefused(f"pip could not get it: {error.stderr.strip()}") from error
    except subprocess.TimeoutExpired as error:
        raise PartRefused(f"pip did not end in {PIP_MINUTES} minutes") from error


def _check(content: bytes, wanted: str, name: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise PartRefused(f"{name} is not the pinned one: sha256 {found}, pinned {wanted}")
