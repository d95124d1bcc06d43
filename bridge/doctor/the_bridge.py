"""The bridge itself: whether it runs, and whether it is the one of this data directory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from bridge import __version__
from bridge.config import Settings, load_running
from bridge.doctor.finding import Finding, broken, ok, warning
from bridge.doctor.running_bridge import Place, ask_health
from bridge.errors import ConfigError
from bridge.serving.one_owner import Holder
from bridge.serving.owners import owner_of_console
from bridge.table.model.rows import Table
from bridge.words import said
from bridge.words.moments import moment_of

Health = dict[str, Any]


def places(settings: Settings) -> tuple[Place, Place, Place]:
    """The ports of channel, HTTPS and HTTP."""
    facade, channel = settings.facade, settings.channel
    return (
        Place("channel.port", "channel", said("native library"), channel.host, channel.port),
        Place("facade.port", "facade", "HTTPS", facade.host, facade.port),
        Place("facade.legacy_http_port", "legacy_http", "HTTP", facade.host, facade.legacy_http_port),
    )


def health_of(settings: Settings, owner: Holder | None) -> Health | None:
    """What the bridge says of itself: at the ports of the settings, else at those that the bridge of the data
    directory has said it has.
    """
    known = [settings]
    if owner is not None:
        with suppress(ConfigError):
            known.insert(0, load_running(Path(owner.settings)))
    for each in known:
        _, https, http = places(each)
        health = ask_health(http, each, tls=False) or ask_health(https, each, tls=True)
        if health is not None:
            return health
    return None


def check_bridge(health: Health | None, owner: Holder | None, table: Table) -> Iterator[Finding]:
    """Whether it runs, serves calls, and is of this version. ``owner``: who has the data directory."""
    if health is None and owner is not None:
        yield broken(
            "bridge",
            said(
                "no bridge answers, though one has the data directory (process {pid})",
                pid=owner.pid or said("unknown"),
            ),
            said("Every call of a program ends with 4000, opening the reader with -1."),
            said(
                "Where it has just been started: look again in a moment. Else end that process, "
                "start the bridge again and look into its log."
            ),
        )
        return
    if health is None:
        yield broken(
            "bridge",
            said("no bridge answers"),
            said(
                "Every call of a program ends with 4000, opening the reader with -1."
            ),  # by the native library
            said(
                "Start it: cshis-bridge serve (on Windows: the task cshis-bridge in the Task "
                "Scheduler). If it should run: its log says why it does not."
            ),
        )
        return
    if owner is not None and owner.pid and owner.pid != health.get("pid"):
        yield broken(
            "bridge.owner",
            said(
                "the bridge that answers (process {pid}) is not the one of this data directory "
                "(process {pid_2})",
                pid=health.get("pid"),
                pid_2=owner.pid,
            ),
            said("Two bridges: each has its own journal, and their settings may differ."),
            said(
                "End one of them; where both are meant, give this command --data-dir or --config "
                "of the other."
            ),
        )
    since = said(
        "since {moment}, process {pid}", moment=moment_of(health.get("since")), pid=health.get("pid")
    )
    if health.get("status") == "unavailable":
        yield broken(
            "bridge",
            said(
                "the bridge runs ({since}), but cannot serve calls: {reasons}",
                since=since,
                reasons=_reasons(health),
            ),
            said("Programs get errors until it can."),
            said("Restart it; its log says more."),
        )
    elif health.get("status") == "degraded":
        yield warning(
            "bridge",
            said("the bridge runs ({since}), with a fault: {reasons}", since=since, reasons=_reasons(health)),
            said("Calls are served, but a change whose answer is lost leaves no trace."),
            said("See the journal above."),
        )
    else:
        yield ok("bridge", said("the bridge runs ({since})", since=since))
    yield from _neighbour(health.get("other_programs"))
    if health.get("version") != __version__ or health["table"] != table.digest:
        yield warning(
            "bridge.version",
            said(
                "the running bridge is another one than this command: version {version}, table "
                "{value}, here {version_2}, {value_2}",
                version=health.get("version"),
                value=str(health["table"])[:12],
                version_2=__version__,
                value_2=table.digest[:12],
            ),
            said("After an update the old one goes on running until it is restarted."),
            said("Restart the bridge."),
        )


def _neighbour(told: object) -> Iterator[Finding]:
    """Another program at the console, where the bridge has seen signs that nothing else explains. That there
    are none proves nothing, so that nothing is said then.
    """
    signs = told.get("signs") if isinstance(told, dict) else 0
    if not isinstance(told, dict) or not isinstance(signs, int) or signs < 1:
        return
    yield warning(
        "bridge.neighbour",
        said(
            "another program works at the same console (主控台): {signs} sign(s) since the "
            "bridge began, the last {moment_of}: {last_sign}",
            signs=signs,
            moment_of=moment_of(told.get("last")),
            last_sign=told.get("last_sign"),
        ),
        said(
            "The bridge compares who signs, so calls are made twice or refused (4033, 1019, "
            "4029, 4000), and people are asked for PINs again."
        ),
        said(
            "Find out which: a program of control software 6.0, the console's own window, a "
            "command with --standalone. Let it work at another time or machine, or through the "
            "bridge."
        ),
    )


def check_console_owner(settings: Settings, owner: Holder | None) -> Iterator[Finding]:
    """Another bridge of this user at the same console. ``owner``: who has the data directory."""
    other = owner_of_console(settings.console.url)
    if other is not None and (owner is None or owner.pid != other.pid):
        yield warning(
            "bridge.console",
            said(
                "{other} works with the console; its settings are {settings}",
                other=other,
                settings=other.settings,
            ),
            said("The console has one session: only one bridge can work with it."),
            said("Where that one is meant, give this command --config with those settings. Else end it."),
        )


def _reasons(health: Health) -> str:
    reasons = health.get("reasons")
    return "; ".join(map(str, reasons)) if isinstance(reasons, list) else said("it does not say why")
