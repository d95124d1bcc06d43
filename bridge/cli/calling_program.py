"""Which program a command calls for: the shell that it was typed into.

To the bridge a caller is a process. A command is over with its one call; the port that it opened and the PIN
that was typed for it belong to whoever types the commands.
"""

from __future__ import annotations

import sys
from pathlib import Path, PurePath

import psutil

COMMAND = "cshis-bridge"
MICROSECONDS = 1_000_000


def calling_program() -> tuple[int, int]:
    """Process and time of its start, in a unit of the system's own: the same for each command of one shell,
    script or program.

    That is the process that started this one; launchers of the command, such as the ``cshis-bridge.exe`` of
    an installation or ``uv run``, are passed over.
    """
    own = psutil.Process()
    words = _words(own)
    for process in own.parents():
        if process.pid <= 1:
            break
        if not _only_launches(_words(process), words):
            return process.pid, _started(process)
    return own.pid, _started(own)


def _only_launches(words: list[str], own: list[str]) -> bool:
    """Whether a process with this command line is there for the command alone."""
    names_it = any(PurePath(word.replace("\\", "/")).stem == COMMAND for word in words)
    return names_it or (len(own) > 1 and words[1:] == own[1:])


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _started(process: psutil.Process) -> int:
    """When it began. On Linux in the kernel's own ticks: what counts from the clock moves with the clock."""
    if sys.platform.startswith("linux"):
        fields = Path(f"/proc/{process.pid}/stat").read_bytes().rpartition(b")")[2].split()
        return int(fields[19])
    return int(process.create_time() * MICROSECONDS)
