"""Which process listens at a port, where the system says so."""

from __future__ import annotations

import sys
import threading
from collections.abc import Collection
from dataclasses import dataclass

from bridge.windows.listeners import Listener
from bridge.words import Said, said

if sys.platform == "win32":
    from bridge.windows.listeners import listeners

MOST_SECONDS = 3.0  # that it may take to find out


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that listens. ``name`` and ``user``: "" where the system does not say."""

    pid: int
    name: str
    user: str = ""

    def told(self) -> Said:
        """Who that is, for people."""
        name = self.name or said("a program whose name the system does not tell")
        if not self.user:
            return said("{name} (process {pid})", name=name, pid=self.pid)
        return said("{name} (process {pid}) of user {user}", name=name, pid=self.pid, user=self.user)

    def __str__(self) -> str:
        return self.told()


def owner_of(port: int, addresses: Collection[str] | None = None) -> Owner | None:
    """Which process listens on a port of this machine, at one of these numeric addresses or (None) at any.

    None where the system does not say within some seconds: the process belongs to another user, or there is
    none, or there are very many connections.
    """
    asking = _Asking(port, addresses)
    asking.start()
    asking.join(MOST_SECONDS)
    return asking.found


class _Asking(threading.Thread):
    """A thread of its own: on a machine with very many connections the answer takes long, and whoever asks
    has something to say without it, too.
    """

    def __init__(self, port: int, addresses: Collection[str] | None) -> None:
        super().__init__(name="owner of a port", daemon=True)
        self.found: Owner | None = None
        self._port, self._addresses = port, addresses

    def run(self) -> None:
        self.found = _listening(self._port, self._addresses)


def _listening(port: int, addresses: Collection[str] | None) -> Owner | None:
    for listener in _listeners():
        meant = addresses is None or listener.address in addresses
        if meant and listener.port == port and listener.pid:
            return Owner(listener.pid, _name(listener.pid), user_of(listener.pid) or "")
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
        return ""
