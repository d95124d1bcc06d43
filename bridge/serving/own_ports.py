"""Ports of one's own: where another person of this machine has the usual ones, a bridge takes free ones."""

from __future__ import annotations

import logging

from bridge.config import Settings
from bridge.serving.sockets import is_loopback
from bridge.serving.whose import strange_listener

log = logging.getLogger(__name__)


def with_ports_of_ones_own(service: bool, settings: Settings) -> Settings:
    """The settings, with port 0 (any free one) for each door whose port belongs to another person. One that a
    program of this person has stays, and so do those of a service: that it is taken is then an error.
    """
    facade, channel = settings.facade, settings.channel
    if service:
        return settings
    wanted = {
        "facade": _own(facade.host, {"port": facade.port, "legacy_http_port": facade.legacy_http_port}),
        "channel": _own(channel.host, {"port": channel.port}),
    }
    return settings.model_copy(
        update={
            section: getattr(settings, section).model_copy(update=ports) for section, ports in wanted.items()
        }
    )


def _own(host: str, ports: dict[str, int]) -> dict[str, int]:
    if not is_loopback(host):
        return ports
    return {name: _free_instead(host, port) for name, port in ports.items()}


def _free_instead(host: str, port: int) -> int:
    numeric = "127.0.0.1" if host == "localhost" else host
    why = strange_listener((numeric, port)) if port else ""
    if not why:
        return port
    log.warning(
        "port %d is taken: %s. This bridge takes a free one; the native library finds it there, and clients "
        "over HTTP must be told (the ready line, running.toml and the log say it)",
        port,
        why,
    )
    return 0
