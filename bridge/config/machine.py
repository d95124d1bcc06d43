"""Settings of the whole machine: what an installation or a group policy has written to Windows' registry, or
on another system what stands in a file for all of its users.
"""

from __future__ import annotations

import sys
from pathlib import Path

FILE = Path("/etc/cshis-bridge/config.toml")
"""The file of other systems than Windows. It may be missing."""
KEY = r"SOFTWARE\cshis-bridge"
"""Under HKEY_LOCAL_MACHINE. A value's name is that of the setting, such as ``cloud.url``, its data a text as
it would stand in the environment."""
PLACE = rf"registry HKEY_LOCAL_MACHINE\{KEY}"
"""Where a person has to look for a mistake."""


def machine_settings() -> dict[str, str]:
    """Texts by the name of the setting. Empty where there is no such key, and on other systems than Windows.
    A value that is no text is left out.
    """
    if sys.platform != "win32":
        return {}
    import winreg

    found: dict[str, str] = {}
    try:
        # a 32-bit Python would be shown another place
        access = winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, KEY, 0, access) as key:
            for index in range(winreg.QueryInfoKey(key)[1]):
                name, value, kind = winreg.EnumValue(key, index)
                if kind == winreg.REG_EXPAND_SZ:
                    value = winreg.ExpandEnvironmentStrings(value)
                if name and isinstance(value, str):
                    found[name] = value
    except OSError:
        return found
    return found
