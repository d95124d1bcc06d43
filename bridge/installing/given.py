"""What the installer was told beside the settings: which folders, from the registry, where it stays."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bridge.config.machine import KEY

INSTALLED_KEY = rf"{KEY}\installed"
"""Under HKEY_LOCAL_MACHINE: texts, named as the fields of :class:`Given`."""
AUTO = "auto"
YES = ("1", "yes", "true")


@dataclass(frozen=True, slots=True)
class Given:
    """``his_folders``: folders with semicolons between them; ``auto`` among them stands for all that are
    found. ``nhi_lib``: "1" where the folder that scripts copy from may be one of them. ``service_readers``:
    the group whose programs may use the cards of a service, a name or SID.
    """

    his_folders: str = ""
    nhi_lib: str = ""
    service_readers: str = ""

    @property
    def folders(self) -> list[Path]:
        """Those that were named."""
        return [Path(name) for name in self._names() if name.lower() != AUTO]

    @property
    def finds(self) -> bool:
        """Whether those that are found are to be served, too."""
        return AUTO in (name.lower() for name in self._names())

    @property
    def boot_folder(self) -> bool:
        return self.nhi_lib.strip().lower() in YES

    def _names(self) -> list[str]:
        return [name for part in self.his_folders.split(";") if (name := part.strip().strip('"'))]


if sys.platform == "win32":
    import winreg

    def given() -> Given:
        """What stands there; nothing where nothing does."""
        found: dict[str, str] = {}
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with (
            suppress(OSError),
            winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, INSTALLED_KEY, 0, access) as key,
        ):
            for name in Given.__dataclass_fields__:
                with suppress(OSError):
                    found[name] = str(winreg.QueryValueEx(key, name)[0])
        return Given(**found)

    def note_readers(group: str) -> None:
        """So that nobody else may use the cards after the next upgrade. Raises OSError."""
        access = winreg.KEY_WRITE | winreg.KEY_WOW64_64KEY
        with winreg.CreateKeyEx(winreg.HKEY_LOCAL_MACHINE, INSTALLED_KEY, 0, access) as key:
            winreg.SetValueEx(key, "service_readers", 0, winreg.REG_SZ, group)

    def remove_machine_settings() -> None:
        """Take away the settings of the machine, with all that stands below."""
        _delete_tree(KEY)

    def _delete_tree(name: str) -> None:
        """What cannot be deleted stays."""
        access = winreg.KEY_ALL_ACCESS | winreg.KEY_WOW64_64KEY
        with suppress(OSError):
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, name, 0, access) as key:
                inside = [winreg.EnumKey(key, number) for number in range(winreg.QueryInfoKey(key)[0])]
            for each in inside:
                _delete_tree(rf"{name}\{each}")
            winreg.DeleteKeyEx(winreg.HKEY_LOCAL_MACHINE, name, winreg.KEY_WOW64_64KEY, 0)

else:

    def remove_machine_settings() -> None:
        """Nothing."""

    def given() -> Given:
        """Nothing: only Windows has an installer that is told something."""
        return Given()
