"""The ports: free, the running bridge's own, or taken by another program, and by which."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from bridge import __version__
from bridge.config import Settings
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.doctor.running_bridge import Owner, Place, accepts, ask_health, owner_of
from bridge.table.model.rows import Table

LOOPBACK = ("localhost", "127.0.0.1", "::1")
Health = dict[str, Any]


def check_ports(settings: Settings, table: Table) -> Iterator[Finding]:
    """Whether the bridge runs and has its ports, and who has them if it has not."""
    facade, channel = settings.facade, settings.channel
    channel_place = Place("channel.port", "channel", "native library", channel.host, channel.port)
    https = Place("facade.port", "facade", "HTTPS", facade.host, facade.port)
    http = Place("facade.legacy_http_port", "legacy_http", "HTTP", facade.host, facade.legacy_http_port)
    health = ask_health(http, settings, tls=False) or ask_health(https, settings, tls=True)
    taken = {place: accepts(place) for place in (channel_place, https, http)}
    yield from _bridge(health, table)
    for place, is_taken in taken.items():
        yield _place(place, is_taken, health)
    yield from _exposed(settings)
    yield from _console(settings)


def _exposed(settings: Settings) -> Iterator[Finding]:
    """A channel that other machines reach lets them use the cards of this one."""
    host = settings.channel.host
    if host not in LOOPBACK and settings.channel.token_file is None:
        yield warning(
            "channel.host",
            f"the channel of the native library listens on {host}, without a token",
            "Every machine that reaches it can use the cards here, and the line has no encryption.",
            'channel.host = "127.0.0.1", unless that is meant; then set channel.token_file, too.',
        )


def _bridge(health: Health | None, table: Table) -> Iterator[Finding]:
    if health is None:
        yield broken(
            "bridge",
            "no bridge answers",
            "Every call of a program ends with 4000, opening the reader with -1.",  # by the native library
            "Start it: cshis-bridge serve (on Windows: the task cshis-bridge in the Task Scheduler). If it "
            "should run: its log says why it does not.",
        )
        return
    since = f"since {_local(health.get('since'))}, process {health.get('pid')}"
    if health.get("status") == "unavailable":
        yield broken(
            "bridge",
            f"the bridge runs ({since}), but cannot serve calls: {_reasons(health)}",
            "Programs get errors until it can.",
            "Restart it; its log says more.",
        )
    elif health.get("status") == "degraded":
        yield warning(
            "bridge",
            f"the bridge runs ({since}), with a fault: {_reasons(health)}",
            "Calls are served, but a change whose answer is lost leaves no trace.",
            "See the journal above.",
        )
    else:
        yield ok("bridge", f"the bridge runs ({since})")
    if health.get("version") != __version__ or health["table"] != table.digest:
        yield warning(
            "bridge.version",
            f"the running bridge is another one than this command: version {health.get('version')}, table "
            f"{str(health['table'])[:12]}, here {__version__}, {table.digest[:12]}",
            "After an update the old one goes on running until it is restarted.",
            "Restart the bridge.",
        )


def _local(moment: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(moment)).astimezone():%Y-%m-%d %H:%M:%S}"
    except ValueError:
        return "an unknown time"


def _reasons(health: Health) -> str:
    reasons = health.get("reasons")
    return "; ".join(map(str, reasons)) if isinstance(reasons, list) else "it does not say why"


def _place(place: Place, taken: bool, health: Health | None) -> Finding:
    what = f"port {place.port} ({place.use})"
    if not place.port:
        return unknown(f"port.{place.name}", f"{place.setting} is 0: any free port", "Nothing to check.")
    if not taken:
        if health is None:
            return ok(f"port.{place.name}", f"{what} is free")
        return broken(
            f"port.{place.name}",
            f"the bridge runs, but not on {what}",
            "Programs that use this port get no answer.",
            f"Look at {place.setting}: the bridge may have been started with other settings. Restart it.",
        )
    owner = owner_of(place.port)
    if _is_ours(place, owner, health):
        return ok(f"port.{place.name}", f"{what} is the bridge's")
    return broken(
        f"port.{place.name}",
        f"{what} is taken by {owner or 'a program of another user'}",
        "The bridge cannot have it, and programs that expect the bridge there talk to somebody else.",
        f"End that program ({_look_up(place.port, owner)}), or choose another port ({place.setting}) and "
        "tell the programs.",
    )


def _is_ours(place: Place, owner: Owner | None, health: Health | None) -> bool:
    """The bridge says that it listens there, and the system does not say that somebody else does."""
    if health is None or not str(_address(health, place.name)).endswith(f":{place.port}"):
        return False
    return owner is None or owner.pid == health.get("pid")


def _address(health: Health, name: str) -> object:
    listening = health["listening"]
    return listening.get(name) if isinstance(listening, dict) else None


def _look_up(port: int, owner: Owner | None) -> str:
    if owner is not None:
        return f"process {owner.pid}"
    if os.name == "nt":
        return f"netstat -ano | findstr {port} shows its process; as administrator, so does this command"
    return f"as root, this command or ss -ltnp says which: port {port}"


def _console(settings: Settings) -> Iterator[Finding]:
    """Who has the console's port, where that is on this machine."""
    parts = urlsplit(settings.console.url)
    if parts.hostname not in LOOPBACK or parts.port is None:
        return
    owner = owner_of(parts.port)
    if owner is not None:
        yield ok("port.console", f"port {parts.port} (console) belongs to {owner}")
    elif accepts(Place("console.url", "console", "console", parts.hostname, parts.port)):
        yield unknown("port.console", f"port {parts.port} (console) belongs to a program of another user")
    else:
        yield unknown("port.console", f"nobody listens on port {parts.port} (console)", "See Console above.")
