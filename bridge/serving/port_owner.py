"""Which process listens at a port, where the system says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


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
    import psutil  # large, and only wanted where something is wrong

    try:
        for connection in psutil.net_connections("tcp"):
            if not connection.laddr or connection.laddr.port != port or not connection.pid:
                continue
            meant = addresses is None or connection.laddr.ip in addresses
            if meant and connection.status == psutil.CONN_LISTEN:
                return Owner(connection.pid, _name(connection.pid))
    except (psutil.Error, OSError):
        return None
    return None


def user_of(pid: int) -> str | None:
    """The name of the user that a process runs as; None where the system does not say."""
    import psutil

    try:
        return psutil.Process(pid).username()
    except (psutil.Error, OSError):
        return None


def _name(pid: int) -> str:
    import psutil

    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "a program whose name the system does not tell"
