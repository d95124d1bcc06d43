"""Where install-dll has put DLLs on this machine, so that all of it can be renewed, checked and undone.

On Windows it stands in the registry, which all users read and administrators write; what a person without
those rights has done, and other systems, in a file of that person's data folder.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bridge.config import default_data_dir
from bridge.config.machine import KEY
from bridge.private_files import private_directory, write_private

FILE = "his-folders.json"
FOLDERS_KEY = rf"{KEY}\folders"
"""Under HKEY_LOCAL_MACHINE: a value for each folder, its data an entry in JSON."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A folder. ``failed``: why its DLL could not be placed or renewed when that was last tried, "" where it
    was. ``asked_by_installer``: it is one of the folders that the installer was given or has found.
    """

    folder: Path
    failed: str = ""
    asked_by_installer: bool = False


def entries() -> list[Entry]:
    """All that is known, by folder. Never raises: what cannot be read is nothing."""
    found = {**_read_file(), **_read_registry()}
    return [_entry(folder, found[folder]) for folder in sorted(found, key=str.lower)]


def remember(entry: Entry) -> None:
    """Note an entry in place of the one of the same folder. Raises OSError, ConfigError."""
    values = asdict(entry)
    del values["folder"]
    if _write_registry(_key(entry.folder), json.dumps(values)):
        return
    _write_file({**_read_file(), _key(entry.folder): values})


def forget(folder: Path) -> None:
    """Take an entry away. Raises OSError, ConfigError."""
    _write_registry(_key(folder), None)
    kept = _read_file()
    if kept.pop(_key(folder), None) is not None:
        _write_file(kept)


def _key(folder: Path) -> str:
    text = str(folder.absolute())
    known = (*_read_file(), *_read_registry())
    return next((name for name in known if os.path.normcase(name) == os.path.normcase(text)), text)


def _entry(folder: str, values: Mapping[str, Any]) -> Entry:
    return Entry(Path(folder), str(values.get("failed", "")), values.get("asked_by_installer") is True)


def _file() -> Path:
    return default_data_dir() / FILE


def _read_file() -> dict[str, dict[str, Any]]:
    with suppress(OSError, ValueError):
        found = json.loads(_file().read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return {folder: values for folder, values in found.items() if isinstance(values, dict)}
    return {}


def _write_file(found: Mapping[str, Mapping[str, Any]]) -> None:
    file = _file()
    if not found:
        file.unlink(missing_ok=True)
        return
    private_directory(file.parent)
    write_private(file, json.dumps(found, indent=2))


if sys.platform == "win32":
    import winreg

    VIEW = winreg.KEY_WOW64_64KEY

    def _read_registry() -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        with (
            suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, FOLDERS_KEY, 0, winreg.KEY_READ | VIEW) as key,
        ):
            for index in range(winreg.QueryInfoKey(key)[1]):
                folder, text, _ = winreg.EnumValue(key, index)
                with suppress(ValueError, TypeError):
                    values = json.loads(text)
                    if isinstance(values, dict):
                        found[folder] = values
        return found

    def _write_registry(folder: str, text: str | None) -> bool:
        """Write the text, or (None) take the value away. Out: whether this user may."""
        machine, access = winreg.HKEY_LOCAL_MACHINE, winreg.KEY_WRITE | VIEW
        try:
            if text is not None:
                with winreg.CreateKeyEx(machine, FOLDERS_KEY, 0, access) as key:
                    winreg.SetValueEx(key, folder, 0, winreg.REG_SZ, text)
            else:
                with suppress(FileNotFoundError), winreg.OpenKey(machine, FOLDERS_KEY, 0, access) as key:
                    winreg.DeleteValue(key, folder)
        except PermissionError:
            return False
        return True

else:

    def _read_registry() -> dict[str, dict[str, Any]]:
        return {}

    def _write_registry(folder: str, text: str | None) -> bool:
        return False
