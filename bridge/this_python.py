"""The interpreter that a program of ours is started with, whatever program we run in."""

from __future__ import annotations

import os
import sys
from pathlib import Path

COMMAND = "cshis-bridge.exe"


def interpreter() -> Path:
    """The Python that runs us. Inside another program, such as a hospital's or Windows' cshis-bridge.exe,
    sys.executable is that program, which would take our arguments for its own.

    Raises nothing: where none is found, starting it fails with a clear message.
    """
    name = "python.exe" if os.name == "nt" else "python3"
    own = Path(sys.executable or "")
    if own.name.lower().startswith("python"):
        return own
    inside = "Scripts" if os.name == "nt" else "bin"
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix)):
        for folder in (Path(prefix, inside), Path(prefix)):
            if (folder / name).is_file():
                return folder / name
    return Path(name)


def installation_folder() -> Path | None:
    """The folder of an installation for Windows, with our own Python in it; None where Python is somebody
    else's.
    """
    folder = Path(sys.base_prefix)
    ours = os.name == "nt" and sys.prefix == sys.base_prefix and (folder / COMMAND).is_file()
    return folder if ours else None


def own_command(*, window: bool = True) -> list[str]:
    """The words that run the command ``cshis-bridge`` as it is installed here. ``window``: on Windows with a
    console window, where a person is to see what it prints.
    """
    own = Path(sys.executable or "")
    if own.name.lower() in (f"{name}.exe" for name in ("cshis-bridge", "cshis-bridgew")):
        return [str(own.with_name("cshis-bridge.exe" if window else "cshis-bridgew.exe"))]
    python = interpreter()
    silent = python.with_name("pythonw.exe")
    return [str(silent if not window and silent.is_file() else python), "-m", "bridge"]
