"""Where the native libraries lie that ``install-library`` and ``install-dll`` put in place."""

from __future__ import annotations

import platform
from pathlib import Path

from bridge.installing.names import LINUX_LIBRARY

PACKAGE = Path(__file__).parents[1]
PACKED = PACKAGE / "native_libraries"  # in a wheel; see native/packaging.py
BUILT = PACKAGE.parent / "build" / "native"  # in a checkout
LINUX = LINUX_LIBRARY


def library_folder() -> Path:
    """The folder of ``linux-ARCH``, ``win32`` and ``win64``: the wheel's own, or what ``make`` has built."""
    return BUILT if is_checkout() else PACKED


def linux_library() -> Path:
    """The library for programs of this machine."""
    return library_folder() / f"linux-{platform.machine()}" / LINUX


def how_to_get(library: Path) -> str:
    """What helps where ``library``, a file of library_folder(), is not there."""
    linux = library.name == LINUX
    if is_checkout():
        return f"build it with 'make {'native' if linux else 'native-windows'}'"
    if linux:
        return (
            "a wheel for this platform has it, and so has an installation from source where a C compiler is "
            "(Debian, Ubuntu: apt-get install gcc libc6-dev)"
        )
    return "the wheels of 'make dist' have the DLLs for Windows"


def is_checkout() -> bool:
    """Whether this runs from the project's folder, where ``make`` builds."""
    return (PACKAGE.parent / "native" / "targets.py").is_file()
