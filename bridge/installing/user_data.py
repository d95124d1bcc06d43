"""The data folders of all people at a machine, and taking them away. On Windows alone; elsewhere there is
nothing that removes them for all.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

NAME = "cshis-bridge"
BELOW_PROFILE = ("AppData", "Local", NAME)
PROFILES = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList"
# What the bridge makes there. Nothing else is deleted: a person could lead these names elsewhere.
FILES = (
    "config.toml", "running.toml", "programs.json", "his-folders.json", "token", "bridge.lock", "*.lock",
    "journal.sqlite3*", "cshis-bridge.log*", "cshis-bridge-embedded.log*", "sim.json",
)  # fmt: skip
FOLDERS = {"certificate": ("*.pem", "*.key", "*.txt"), "sim": ("*.pem", "*.key", "*.toml", "*.json", "*.txt")}


def remove_data(folder: Path) -> str:
    """Delete what the bridge keeps in a data folder, and the folder when it is empty then.

    Out: "" where nothing is left, else what is. Whatever is a link is left as it is: whoever owns the folder
    could let it lead elsewhere, and this runs with the rights of Windows itself.
    """
    if not os.path.lexists(folder):
        return ""
    if any(_is_link(part) for part in (folder, *folder.parents)):
        return f"{folder} is reached by a link and was left"
    for name, patterns in FOLDERS.items():
        if not _is_link(folder / name):
            _delete(folder / name, patterns)
            with suppress(OSError):
                (folder / name).rmdir()
    _delete(folder, FILES)
    with suppress(OSError):
        folder.rmdir()
    try:
        left = sorted(path.name for path in folder.iterdir())
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return f"{folder} still has {', '.join(left)}"


def data_folders() -> Iterator[Path]:
    """The data folder of everybody who has a profile at this machine, and that of a service, where they are
    there.
    """
    of_people = (profile.joinpath(*BELOW_PROFILE) for profile in _profiles())
    yield from (folder for folder in (*of_people, *_of_a_service()) if os.path.lexists(folder))


def _delete(folder: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        for file in folder.glob(pattern):
            with suppress(OSError):
                if not file.is_dir():
                    file.unlink()


def _is_link(path: Path) -> bool:
    """Also a junction, which is no symbolic link."""
    try:
        status = path.lstat()
    except OSError:
        return False
    point = getattr(stat, "FILE_ATTRIBUTE_REPARSE_POINT", 0)
    return stat.S_ISLNK(status.st_mode) or bool(getattr(status, "st_file_attributes", 0) & point)


if sys.platform == "win32":
    import winreg

    def _profiles() -> Iterator[Path]:
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with suppress(OSError), winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, PROFILES, 0, access) as key:
            for index in range(winreg.QueryInfoKey(key)[0]):
                with suppress(OSError), winreg.OpenKey(key, winreg.EnumKey(key, index)) as profile:
                    text = str(winreg.QueryValueEx(profile, "ProfileImagePath")[0])
                    yield Path(winreg.ExpandEnvironmentStrings(text))

    def _of_a_service() -> Iterator[Path]:
        if programs_data := os.environ.get("PROGRAMDATA"):
            yield Path(programs_data, NAME)

else:

    def _profiles() -> Iterator[Path]:
        return iter(())

    def _of_a_service() -> Iterator[Path]:
        return iter(())
