"""What Windows itself knows of this machine: its drives and own folders, and where programs are installed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PureWindowsPath

APP_PATHS = r"SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths"
UNINSTALL = r"SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall"
SERVICES = r"SYSTEM\CurrentControlSet\Services"
VALUES = {
    APP_PATHS: ("", "Path"),
    UNINSTALL: ("InstallLocation", "DisplayIcon", "UninstallString"),
    SERVICES: ("ImagePath",),
}
_FILE = re.compile(r'"?([A-Za-z]:\\[^"]*?\.exe)\b', re.IGNORECASE)
_FOLDER = re.compile(r'"?([A-Za-z]:\\[^"]*?)\\?"?\s*$')


def folder_of(text: str) -> PureWindowsPath | None:
    r"""The folder that a value of the registry means: a command line, an icon with its number, or a folder.
    None for anything else, such as ``\SystemRoot\x.sys``.
    """
    if found := _FILE.match(text.strip()):
        return PureWindowsPath(found[1]).parent
    found = _FOLDER.match(text.strip().partition(";")[0].partition(",")[0])
    return PureWindowsPath(found[1] + "\\") if found else None


if sys.platform == "win32":
    import winreg

    import psutil

    def installed_programs() -> Iterator[Path]:
        """Folders of programs by App Paths, by what can be uninstalled, and of services."""
        seen: set[str] = set()
        for text in _values():
            folder = folder_of(os.path.expandvars(text))
            if folder is not None and str(folder).lower() not in seen:
                seen.add(str(folder).lower())
                yield Path(folder)

    def windows_folders() -> list[Path]:
        """Where Windows looks for the DLLs of all programs."""
        windows = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
        return [windows / "System32", windows / "SysWOW64", windows]

    def fixed_drives() -> list[Path]:
        """The drives of this machine, Windows' own first."""
        own = os.environ.get("SYSTEMDRIVE", "C:").lower() + "\\"
        found = [part.mountpoint for part in psutil.disk_partitions() if "fixed" in part.opts]
        return [Path(drive) for drive in sorted(found, key=lambda drive: (drive.lower() != own, drive))]

    def _values() -> Iterator[str]:
        for root in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
            for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
                for place, names in VALUES.items():
                    yield from _texts(root, place, view, names)

    def _texts(root: int, place: str, view: int, names: tuple[str, ...]) -> Iterator[str]:
        access = winreg.KEY_READ | view
        with suppress(OSError), winreg.OpenKey(root, place, 0, access) as key:
            for index in range(winreg.QueryInfoKey(key)[0]):
                name_inside = winreg.EnumKey(key, index)
                with suppress(OSError), winreg.OpenKey(key, name_inside, 0, access) as inside:
                    for name in names:
                        with suppress(OSError):
                            value, _ = winreg.QueryValueEx(inside, name)
                            if isinstance(value, str):
                                yield value

else:

    def installed_programs() -> Iterator[Path]:
        """Nothing: only Windows keeps such lists."""
        return iter(())

    def windows_folders() -> list[Path]:
        """None."""
        return []

    def fixed_drives() -> list[Path]:
        """None."""
        return []
