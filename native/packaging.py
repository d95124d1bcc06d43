"""What a wheel carries of the native code (hatch_build.py): files, their places in it, and its platform.

The Linux library is compiled for the machine that makes the wheel. DLLs are taken from where ``make
native-windows`` leaves them; one that was built from another mapping table stays out.
"""

import re
import sys
import sysconfig
from dataclasses import dataclass, field
from pathlib import Path

from bridge.table.loader import load_table
from bridge.table.prepared import NAME as PREPARED
from bridge.words.catalogue import COMPILED, compile_catalogue
from bridge.words.catalogue import FOLDER as WORDS_FOLDER
from native.build import DLLS, OUTPUT, build, prepare
from native.compiler import CompileFailed, CompilerMissing
from native.targets import PRODUCTS, WINDOWS
from native.tray_program import NAME as TRAY_PROGRAM

MAPPINGS = "bridge/mappings"  # in the wheel, as FOLDER
FOLDER = "bridge/native_libraries"  # in the wheel; bridge/installing/libraries.py looks there
WORDS = "bridge/words"  # in the wheel
ANY = "any"
WINDOWS_TAG = "win32.win_amd64.win_arm64"
OLDEST_GLIBC = 17  # 2.17, the first for which such tags were made


@dataclass
class Cargo:
    """``files``: places in the wheel by file. ``platform``: end of its tag. ``missing``: what it lacks."""

    files: dict[str, str] = field(default_factory=dict)
    platform: str = ANY
    missing: list[str] = field(default_factory=list)


def cargo(root: Path, work: Path, *, for_windows: bool) -> Cargo:
    """Gather everything.

    In: the project's folder; an empty folder to compile in, which must stay until the wheel is made; whether
    the wheel is for Windows, which has no use for the Linux library. Raises TableError.
    """
    gathered = Cargo(platform=WINDOWS_TAG if for_windows else ANY)
    gathered.files[str(prepare(work / PREPARED))] = f"{MAPPINGS}/{PREPARED}"
    gathered.files[str(compile_catalogue(work / COMPILED.name))] = (
        f"{WORDS}/{COMPILED.relative_to(WORDS_FOLDER).as_posix()}"
    )
    _add_dlls(gathered, root / OUTPUT)
    _add_tray(gathered, root / OUTPUT)
    if not for_windows and sys.platform == "linux":
        _add_linux_library(gathered, work)
    return gathered


def _add_linux_library(gathered: Cargo, work: Path) -> None:
    try:
        (library,) = build("client", work)
    except (CompilerMissing, CompileFailed) as error:
        gathered.missing.append(f"{PRODUCTS['client'].file}: {error}")
        return
    gathered.files[str(library)] = f"{FOLDER}/{library.parent.name}/{library.name}"
    gathered.platform = linux_platform(library.read_bytes())


def _add_dlls(gathered: Cargo, built: Path) -> None:
    digest = load_table().digest
    wanted = [Path(kind.folder, PRODUCTS[name].file) for kind in WINDOWS.values() for name in DLLS]
    for place in wanted:
        reason = _fault(built / place, digest)
        if reason is None:
            gathered.files[str(built / place)] = f"{FOLDER}/{place.as_posix()}"
        else:
            gathered.missing.append(f"{place.as_posix()}: {reason}")


def _add_tray(gathered: Cargo, built: Path) -> None:
    place = f"{WINDOWS[64].folder}/{TRAY_PROGRAM}"
    if (built / place).is_file():
        gathered.files[str(built / place)] = f"{FOLDER}/{place}"
    else:
        gathered.missing.append(f"{place}: not built (make native-windows)")


def _fault(dll: Path, digest: str) -> str | None:
    """Why a DLL cannot go along, or None. Its version resource names its table, in UTF-16."""
    if not dll.is_file():
        return "not built (make native-windows)"
    if digest.encode("utf-16-le") not in dll.read_bytes():
        return "built from another mapping table (make native-windows builds it anew)"
    return None


def linux_platform(library: bytes, platform: str | None = None) -> str:
    """The platform on which a library runs, as a wheel's tag has it.

    In: the library; the machine (None: this one, such as "linux-x86_64"). Out: "manylinux_2_34_x86_64" for
    the newest version of glibc whose functions it uses; "linux_x86_64", which promises nothing about other
    machines, where it uses another C library.
    """
    machine = (platform or sysconfig.get_platform()).partition("-")[2].replace("-", "_")
    minors = [int(minor) for minor in re.findall(rb"\0GLIBC_2\.(\d+)(?:\.\d+)?(?=\0)", library)]
    if not minors:
        return f"linux_{machine}"
    return f"manylinux_2_{max(OLDEST_GLIBC, *minors)}_{machine}"
