"""The ports: free, the running bridge's own, or taken by another program, and by which."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from bridge.config import Settings
from bridge.doctor.finding import Finding, broken, ok, unknown, warning
from bridge.doctor.read_at_start import check_read_at_start
from bridge.doctor.running_bridge import Place, accepts, ask_health
from bridge.doctor.the_bridge import Health, check_bridge, check_console_owner, health_of, places
from bridge.serving.owners import owner_of_data_dir
from bridge.serving.port_owner import Owner, owner_of
from bridge.serving.sockets import IPV6_LOOPBACK
from bridge.serving.whose import strange_listener
from bridge.table.model.rows import Table
from bridge.words import Said, said

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_ports(settings: Settings, table: Table) -> Iterator[Finding]:
    """Whether the bridge runs and has its ports, and who has them if it has not."""
    owner = owner_of_data_dir(settings.data_dir)
    health = health_of(settings, owner)
    taken = {place: accepts(place) for place in places(settings)}
    yield from check_bridge(health, owner, table)
    yield from check_read_at_start(settings, health)
    yield from check_console_owner(settings, owner)
    for place, is_taken in taken.items():
        yield _place(place, is_taken, health)
    yield from _other_addresses(settings, health)
    yield from _exposed(settings)
    yield from _console(settings)


def _exposed(settings: Settings) -> Iterator[Finding]:
    """A channel that other machines reach lets them use the cards of this one."""
    host = settings.channel.host
    if host not in LOOPBACK and settings.channel.token_file is None:
        yield warning(
            "channel.host",
            said("the channel of the native library listens on {host}, without a token", host=host),
            said("Every machine that reaches it can use the cards here, and the line has no encryption."),
            said('channel.host = "127.0.0.1", unless that is meant; then set channel.token_file, too.'),
        )


def _place(place: Place, taken: bool, health: Health | None) -> Finding:
    what = said("port {port} ({use})", port=place.port, use=place.use)
    if not place.port:
        return unknown(
            f"port.{place.name}",
            said("{setting} is 0: any free port", setting=place.setting),
            said("Nothing to check."),
        )
    if not taken:
        if health is None:
            return ok(f"port.{place.name}", said("{what} is free", what=what))
        return broken(
            f"port.{place.name}",
            said("the bridge runs, but not on {what}", what=what),
            said("Programs that use this port get no answer."),
            said(
                "Look at {setting}: the bridge may have been started with other settings. Restart it.",
                setting=place.setting,
            ),
        )
    owner = owner_of(place.port)
    if _is_ours(place, owner, health):
        return ok(f"port.{place.name}", said("{what} is the bridge's", what=what))
    return broken(
        f"port.{place.name}",
        said("{what} is taken by {owner}", what=what, owner=_whose(owner)),
        said("The bridge cannot have it, and programs that expect the bridge there talk to somebody else."),
        said(
            "End that program ({look_up}), or choose another port ({setting}) and tell the programs.",
            look_up=_look_up(place.port, owner),
            setting=place.setting,
        ),
    )


def _other_addresses(settings: Settings, health: Health | None) -> Iterator[Finding]:
    """Clients that say "localhost" may come by ::1: nobody but the bridge may listen there."""
    if settings.facade.host != "127.0.0.1":
        return
    for place in places(settings)[1:]:
        other = replace(place, host=IPV6_LOOPBACK)
        if not place.port or not accepts(other):
            continue
        owner = owner_of(place.port, (IPV6_LOOPBACK, "::"))
        what = said("port {port} of [::1] ({use})", port=place.port, use=place.use)
        if _has_both(other, owner, settings, health):
            yield ok(f"port.{place.name}.ipv6", said("{what} is the bridge's", what=what))
        else:
            yield broken(
                f"port.{place.name}.ipv6",
                said("{what} is taken by {owner}", what=what, owner=_whose(owner)),
                said('Programs that call the bridge by the name "localhost" talk to somebody else.'),
                said(
                    "End that program ({look_up}), then start the bridge again.",
                    look_up=_look_up(place.port, owner),
                ),
            )


def _has_both(other: Place, owner: Owner | None, settings: Settings, health: Health | None) -> bool:
    """Whether the process that is the bridge listens there, too. Where the system does not tell whose a port
    is, all of it belongs to another user, or the bridge itself does: then what answers must say the same.
    """
    if health is None:
        return False
    if owner is not None:
        return owner.pid == health.get("pid")
    if owner_of(other.port) is not None:  # of the bridge's port the system tells
        return False
    seen = ask_health(other, settings, tls=other.name == "facade")
    return seen is not None and seen.get("pid") == health.get("pid")


def _is_ours(place: Place, owner: Owner | None, health: Health | None) -> bool:
    """The bridge says that it listens there, and the system does not say that somebody else does."""
    if health is None or not str(_address(health, place.name)).endswith(f":{place.port}"):
        return False
    return owner is None or owner.pid == health.get("pid")


def _address(health: Health, name: str) -> object:
    listening = health["listening"]
    return listening.get(name) if isinstance(listening, dict) else None


def _whose(owner: Owner | None) -> Said:
    return owner.told() if owner is not None else said("a program of another user")


def _look_up(port: int, owner: Owner | None) -> str:
    if owner is not None:
        return said("process {pid}", pid=owner.pid)
    if os.name == "nt":
        return said(
            "netstat -ano | findstr {port} shows its process; as administrator, so does this command",
            port=port,
        )
    return said("as root, this command or ss -ltnp says which: port {port}", port=port)


def _console(settings: Settings) -> Iterator[Finding]:
    """Who has the console's port, where that is on this machine."""
    parts = urlsplit(settings.console.url)
    if parts.hostname not in LOOPBACK or parts.port is None:
        return
    owner = owner_of(parts.port)
    numeric = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    why = strange_listener((numeric, parts.port))
    if why and not settings.console.other_users:
        yield warning(
            "port.console",
            said("port {port} (console) is another person's: {why}", port=parts.port, why=why),
            said(
                "At one machine the console's port belongs to one person. The bridge does not use that one's "
                "cards, and calls end with 4000, opening the reader with -1."
            ),
            said(
                "Let that person end their console (主控台), then start yours; or give yours another port, "
                "set in console.url. Where sharing is meant: console.other_users = true."
            ),
        )
    elif owner is not None:
        yield ok(
            "port.console",
            said("port {port} (console) belongs to {owner}", port=parts.port, owner=owner.told()),
        )
    elif accepts(Place("console.url", "console", "console", parts.hostname, parts.port)):
        yield unknown(
            "port.console",
            said("port {port} (console) belongs to a program of another user", port=parts.port),
        )
    else:
        yield unknown(
            "port.console",
            said("nobody listens on port {port} (console)", port=parts.port),
            said("See Console above."),
        )
