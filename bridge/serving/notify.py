"""Tells the systemd that has started this process when it is ready and when it stops (``Type=notify``)."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Mapping

log = logging.getLogger(__name__)

READY, STOPPING = "READY=1", "STOPPING=1"
PLACE = "NOTIFY_SOCKET"


def notify(state: str, environment: Mapping[str, str] = os.environ) -> None:
    """Send :data:`READY` or :data:`STOPPING` to the socket that systemd names. Nothing happens where it names
    none; where it cannot be reached, a line in the log says so, and systemd's own time limit decides.
    """
    place = environment.get(PLACE, "")
    if not place or sys.platform == "win32":
        return
    address = f"\0{place[1:]}" if place.startswith("@") else place  # @ stands for an abstract name
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(state.encode(), address)
    except OSError as error:
        log.warning("systemd was not told %s: %s", state, error.strerror)
