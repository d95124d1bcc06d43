"""Which program a call came from, in words for people."""

from __future__ import annotations

from functools import lru_cache

import psutil

KEPT = 256


@lru_cache(KEPT)
def program_name(program: str) -> str:
    """The name and number of a process, as "his.exe (4711)". In: a program as
    :class:`bridge.calls.caller.Caller` names it (``PROCESS:BEGINNING``), or a connection, which is given back
    as it is.
    """
    pid, colon, _ = program.partition(":")
    if not colon or not pid.isdecimal():
        return program
    try:
        return f"{psutil.Process(int(pid)).name()} ({pid})"
    except (psutil.Error, OverflowError, OSError):
        return pid
