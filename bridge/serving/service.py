"""Whether the process was started by the system for everybody, and not by a person for themselves."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

SERVICES_SESSION = 0  # of Windows; people log in to the others


def runs_as_service(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the system's own manager has started this process: Windows' for services, or systemd's.

    A unit of one person's systemd is theirs. Where neither can tell, it is not a service.
    """
    if sys.platform == "win32":
        return session_of(os.getpid()) == SERVICES_SESSION
    started = environment.get("SYSTEMD_EXEC_PID") == str(os.getpid())
    return started and "MANAGERPID" not in environment  # which a person's own systemd sets


if sys.platform == "win32":
    import ctypes

    def session_of(pid: int) -> int | None:
        """The session that a process runs in, None where Windows does not say."""
        number = ctypes.c_ulong()
        kernel = ctypes.windll.kernel32
        return number.value if kernel.ProcessIdToSessionId(pid, ctypes.byref(number)) else None

else:

    def session_of(pid: int) -> int | None:
        """None: only Windows has such sessions."""
        return None
