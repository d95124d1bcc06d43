"""Compiles the installed modules: Program Files cannot be written by the people who start the bridge.

It is done by the installed Python itself, under Wine: only the same minor version makes bytecode that it
reads, and only one interpreter makes the same bytes on every build machine.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from native.installer.tree import PACKAGES

WINE = ("wine64", "/usr/lib/wine/wine64", "wine")
WINE_ALONE = {"WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml,wbemprox="}  # nothing is asked
MINUTES = 10
# hashes in place of times, never checked: the files do not change after installation
OPTIONS = ("-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash")


class CannotCompile(Exception):
    """There is no Wine, or a module does not compile."""


def compile_modules(tree: Path) -> None:
    """In: the folder to be installed. Raises CannotCompile.

    Tracebacks then name modules by their place in the folder.
    """
    wine = next((found for name in WINE if (found := shutil.which(name))), None)
    if wine is None:
        raise CannotCompile("Wine is needed (Debian: apt-get install wine64)")
    with tempfile.TemporaryDirectory() as prefix:
        environment = {**os.environ, **WINE_ALONE, "WINEPREFIX": prefix}
        try:
            _run([wine, str(tree / "python.exe"), *_options(tree)], environment)
        finally:
            subprocess.run([*_wineserver(), "-k"], env=environment, check=False, capture_output=True)  # noqa: S603


def windows_path(path: Path) -> str:
    """How Wine's programs see a path of this machine."""
    return "Z:" + str(path.absolute()).replace("/", "\\")


def _options(tree: Path) -> list[str]:
    return [*OPTIONS, "-s", windows_path(tree), "-p", "cshis-bridge", windows_path(tree / PACKAGES)]


def _wineserver() -> list[str]:
    return [shutil.which("wineserver") or "/usr/lib/wine/wineserver"]


def _run(command: list[str], environment: dict[str, str]) -> None:
    """Standard streams are pipes: under Wine a Python with files as streams may not start."""
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter of ours
            command, env=environment, input=b"", capture_output=True, timeout=MINUTES * 60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotCompile(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        raise CannotCompile(f"{command[0]}: {(done.stdout + done.stderr).decode(errors='replace').strip()}")
