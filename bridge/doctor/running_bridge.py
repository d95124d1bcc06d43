"""What listens at a port: the running bridge, which says so itself, or another program, of which the system
knows the name.
"""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from typing import Any

from bridge.config import Settings
from bridge.doctor.facade_certificate import certificate_files
from bridge.errors import ConfigError, UpstreamError
from bridge.upstream.fetch import fetch

SECONDS = 3.0
MOST_BYTES = 65_536
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - asked, not bound


@dataclass(frozen=True, slots=True)
class Place:
    """A port that the bridge wants: its setting, its name in ``/healthz``, what it is for."""

    setting: str
    name: str
    use: str
    host: str
    port: int

    @property
    def address(self) -> tuple[str, int]:
        return EVERYWHERE.get(self.host, self.host), self.port


def ask_health(place: Place, settings: Settings, tls: bool) -> dict[str, Any] | None:
    """What a bridge says of itself at a port, over HTTP or over HTTPS with the settings' certificate; None
    where none answers.
    """
    host, port = place.address
    url = f"http{'s' if tls else ''}://{f'[{host}]' if ':' in host else host}:{port}/healthz"
    try:
        answer = fetch(
            url,
            seconds=SECONDS,
            most_bytes=MOST_BYTES,
            ca_file=certificate_files(settings)[2] if tls else None,
            host=settings.facade.allowed_hosts[0],
        )
        reported = json.loads(answer.body)
    except (UpstreamError, ConfigError, ValueError, RecursionError, IndexError):
        return None
    return (
        reported if isinstance(reported, dict) and "table" in reported and "listening" in reported else None
    )


def accepts(place: Place) -> bool:
    """Whether anybody listens there."""
    try:
        socket.create_connection(place.address, SECONDS).close()
    except OSError:
        return False
    return True
