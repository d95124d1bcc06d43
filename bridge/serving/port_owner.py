"""Which process listens at a port, where the system says so."""

from __future__ import annotations

import sys
from collections.abc import Collection
from dataclasses import dataclass

from bridge.windows.listeners import Listener

if sys.platform == "win32":
    from bridge.windows.listeners import listeners


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that listens."""

    pid: int
    name: str

    def __str__(self) -> str:
        return f"{self.name} (process {self.pid})"


def owner_of(port: int, addresses: Collection[str] | None = None) -> Owner | None:
    """Which process listens on a port of this machine, at one of these numeric addresses or (None) at any.

    None where the system does not say: the process belongs to another user, or there is none.
    """
    for listener in _listeners():
        meant = addresses is None or listener.address in addresses
        if meant and listener.port == port and listener.pid:
            return Owner(listener.pid, _name(listener.pid))
    return None


def user_of(pid: int) -> str | None:
    """The name of the user that a process runs as; None where the system does not say."""
    import psutil

    try:
        return psutil.Process(pid).username()
    except (psutil.Error, OSError):
        return None


def _listeners() -> list[Listener]:
    """Everything that listens, as far as the system says."""
    if sys.platform == "win32":  # psutil asks for open connections, too: seconds where there are many
        try:
            return listeners()
        except (OSError, ValueError):
            return []
    import psutil  # large, and only wanted where something is wrong

    try:
        found = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return []
    return [
        Listener(each.laddr.ip, each.laddr.port, each.pid or 0)
        for each in found
        if each.laddr and each.status == psutil.CONN_LISTEN
    ]


def _name(pid: int) -> str:
    import psutil

    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "a program whose name the system does not tell"
