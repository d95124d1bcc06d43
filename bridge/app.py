"""Puts the bridge together: settings, engine, services, doors, and the simulators where they are asked for.

Everything else is given what it needs from here, and knows no more of the others than that.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from bridge import __version__
from bridge.channel.server import ChannelServer
from bridge.config import Settings, chosen_data_dir, load_settings, save_settings, settings_file
from bridge.desk.access import Access, forget_key
from bridge.desk.routes import DeskRoutes
from bridge.engine.compose import Parts, open_parts
from bridge.engine.engine import Engine
from bridge.errors import ConfigError
from bridge.private_files import check_secret_file, private_directory
from bridge.records.journal import JOURNAL_NAME
from bridge.records.journal_view import JournalUnreadable, JournalView
from bridge.records.pending import pending_changes
from bridge.records.program_ports import FILE_NAME, ProgramPorts
from bridge.relay.compose import make_uploads
from bridge.relay.uploads import Uploads
from bridge.rest.app import FurtherRoutes, Layer, make_app
from bridge.rest.health import Health, Room, WatchedDoor
from bridge.rest.uploads import ServiceRoutes
from bridge.serving.certificate import ensure_certificate
from bridge.serving.endpoint import endpoint_text, published
from bridge.serving.listener import Listener
from bridge.serving.own_ports import with_ports_of_ones_own
from bridge.serving.owners import RUNNING_FILE, own_console, own_data_dir
from bridge.serving.service import runs_as_service
from bridge.serving.sockets import is_loopback
from bridge.serving.trust import trust_in_background
from bridge.serving.whose import own_party, strange_listener
from bridge.table.model.rows import Table
from bridge.telemetry.compose import exporting
from bridge.tray.compose import tray_icon

if TYPE_CHECKING:
    from bridge.desk.desk import Desk

log = logging.getLogger(__name__)
CENTRE_PORT = 5070
PORTAL_PORT = 5071
CALL_SECONDS = 1.4  # that calls under way have when the bridge stops; less than the doors wait for them


class Worker(Protocol):
    """What has calls under way."""

    def cut_short(self) -> None:
        """End them, each with a code, while their callers can still be reached."""
        ...


class Door(Protocol):
    """What callers come in by."""

    async def stop(self) -> None:
        """Refuse new connections at once, answer the calls under way within a bounded time, close."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked for beyond the settings file. None: not said."""

    simulate: bool
    facade_port: int | None
    legacy_http_port: int | None
    channel_port: int | None
    console_port: int
    cloud_port: int
    centre_port: int | None
    portal_port: int | None
    data_dir: Path
    config: Path | None
    record: Path | None = None
    scenario: str | None = None
    service: bool = False  # for all users of the machine


def settings_of(options: Options) -> Settings:
    """The settings, with the ports of the options. Raises ConfigError."""
    settings = load_settings(options.config, data_dir=options.data_dir)
    facade: dict[str, Any] = {}
    if options.facade_port is not None:
        facade["port"] = options.facade_port
    if options.legacy_http_port is not None:
        facade["legacy_http_port"] = options.legacy_http_port
    channel = {} if options.channel_port is None else {"port": options.channel_port}
    return settings.model_copy(
        update={
            "facade": settings.facade.model_copy(update=facade),
            "channel": settings.channel.model_copy(update=channel),
        }
    )


@asynccontextmanager
async def running(options: Options, settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """Everything started, in order; ended in the reverse order. Out: the content of the ready line.

    Raises ConfigError (Taken where another bridge has data directory or console: nothing is touched then),
    TableError, TraceError.
    """
    private_directory(options.data_dir)
    config_file = options.data_dir / RUNNING_FILE
    async with AsyncExitStack() as stack:
        stack.enter_context(own_data_dir(options.data_dir))
        if options.simulate:
            settings = await _simulated(stack, options, settings)
        elif not settings.console.several_bridges:
            stack.enter_context(own_console(settings.console.url, config_file))
        worked_before = (options.data_dir / JOURNAL_NAME).exists()
        memory = ProgramPorts(options.data_dir / FILE_NAME, expected=worked_before)
        stack.callback(memory.close)
        settings = with_ports_of_ones_own(options.service, settings)
        console_check = None if options.service or settings.console.other_users else strange_listener
        parts = await stack.enter_async_context(open_parts(settings, memory, console_check))
        engine = parts.engine
        stack.enter_context(exporting(engine.calls, settings.telemetry, _failures(settings, engine.table)))
        await stack.enter_async_context(engine.calls.batching())
        if options.record is not None:
            _record(stack, engine, options.record)
        _warn_of_pending(options.data_dir, engine.table)
        certificate, key, ca_file = _certificate(settings)
        if _may_be_trusted(options, settings):
            trust_in_background(ca_file)
        uploads = make_uploads(parts, settings.call_deadline)
        further, workers, layers = await _services(stack, settings, parts, uploads)
        desk = _desk(stack, options, settings, parts, uploads)
        further.append(desk)
        party = own_party()
        health = Health({"user": party.user, "session": party.session})
        own_people = not (options.service or settings.facade.other_users)
        app = make_app(engine, settings.facade, further, health, parts.page, layers, own_people)
        facade = Listener(app, settings.facade.host, settings.facade.port, certificate, key)
        legacy_http = Listener(app, settings.facade.host, settings.facade.legacy_http_port)
        channel = ChannelServer(engine, settings.channel)
        stack.push_async_callback(_stop_together, (facade, legacy_http, channel), (engine, *workers))
        doors = await _opened(settings, facade, legacy_http, channel)
        health.doors |= doors
        stack.callback(health.stop)
        stack.callback(desk.stop)
        port = int(doors["channel"].address.rpartition(":")[2])
        if options.data_dir == chosen_data_dir().absolute():  # the user's own bridge, and none on trial
            token = settings.channel.token_file
            stack.enter_context(published(endpoint_text(settings.channel.host, port, token)))
        _leave_settings(_with_ports(settings, facade.port, legacy_http.port, port), config_file)
        addresses = {name: door.address for name, door in doors.items()}
        report, calls = partial(health.report, engine), partial(getattr, engine.calls, "running")
        icon = tray_icon(settings, engine.table, report, calls, config_file)
        await stack.enter_async_context(icon)
        log.info("version %s listens at %s, %s and %s (native library)", __version__, *addresses.values())
        yield {
            "ready": True,
            **addresses,
            "console": settings.console.url,
            "cloud": settings.cloud.url,
            "centre": settings.upload.centre.url,
            "portal": settings.bhyt.url,
            "ca_file": str(ca_file),
            "config": str(config_file),
        }


async def _simulated(stack: AsyncExitStack, options: Options, settings: Settings) -> Settings:
    """The simulators, until the stack is unwound. Out: settings that point to them. Raises ConfigError."""
    from bridge.lab.simulators import start_simulators  # a bridge in a clinic never needs them

    ports = _simulator_ports(options)
    return await start_simulators(stack, settings, options.data_dir, ports, options.scenario)


def _desk(
    stack: AsyncExitStack, options: Options, settings: Settings, parts: Parts, uploads: Uploads
) -> DeskRoutes:
    """The page for people, and the key to it until the stack is unwound. Raises ConfigError."""
    access = Access()
    stack.callback(forget_key, access.leave_key(options.data_dir))

    def make() -> Desk:
        from bridge.desk.desk import Desk, Surroundings  # wanted where somebody opens the page

        file = settings_file(options.config, options.data_dir)
        given = Surroundings(
            engine=parts.engine,
            reader=parts.reader.view,
            pins=parts.pins,
            uploads=uploads,
            settings=settings,
            file=file,
            page=parts.page,
            simulated=options.simulate,
        )
        return Desk(given)

    simulators = options.data_dir if options.simulate else None
    return DeskRoutes(access, make, simulators, parts.pins)


def _failures(settings: Settings, table: Table) -> Callable[[str, int], bool]:
    """What tells whether a function's code is known to be a failure."""
    family = None
    if settings.bhyt.enabled and settings.telemetry.otlp_url:
        from bridge.bhyt.failures import failed  # only in Viet Nam
        from bridge.bhyt.loader import load_lookups

        family = load_lookups(table.routes)

    def known(function: str, code: int) -> bool:
        if function in table.functions:
            return not table.succeeded(function, code)
        return family is not None and failed(family, function, code)

    return known


async def _services(
    stack: AsyncExitStack, settings: Settings, parts: Parts, uploads: Uploads
) -> tuple[list[FurtherRoutes], list[Worker], list[Layer]]:
    """What is reached through the HTTP doors beside legacy calls, and works until the stack is unwound."""
    further: list[FurtherRoutes] = [ServiceRoutes(parts.engine.table, uploads)]
    workers: list[Worker] = [uploads]
    layers: list[Layer] = []
    if settings.bhyt.enabled:
        from bridge.bhyt.loader import load_lookups  # only in Viet Nam
        from bridge.bhyt.slice import open_slice

        family = load_lookups(parts.engine.table.routes)
        if family is None:
            return further, workers, layers
        portal = await stack.enter_async_context(open_slice(settings, family, parts.engine.calls))
        further.insert(0, portal.routes)
        workers.append(portal)
        if is_loopback(settings.facade.host):
            layers.append(portal.layer)
        else:
            log.warning(
                "other machines reach the HTTP doors: nothing but lookups goes to the portal through them; "
                "serve-bhyt is made for that"
            )
    return further, workers, layers


async def _opened(
    settings: Settings, facade: Listener, legacy_http: Listener, channel: ChannelServer
) -> dict[str, WatchedDoor]:
    """The doors by name, all of them listening. Raises ConfigError."""
    if not is_loopback(settings.facade.host):
        log.warning("the HTTP doors listen on %s: other machines can use the cards of this one", facade.host)
    for listener in (facade, legacy_http):
        await listener.start()
    host, port = await channel.start()
    return {
        "facade": WatchedDoor(facade.url, lambda: facade.is_open),
        "legacy_http": WatchedDoor(legacy_http.url, lambda: legacy_http.is_open),
        "channel": WatchedDoor(
            f"{host}:{port}",
            lambda: channel.is_open,
            lambda: Room(channel.connections, channel.most_connections, channel.evictions),
        ),
    }


def _record(stack: AsyncExitStack, engine: Engine, file: Path) -> None:
    """Every call goes into a trace until the stack is unwound. Raises TraceError."""
    from bridge.trace.recording import CallRecorder  # most bridges never record
    from bridge.trace.writing import TraceWriter

    writer = TraceWriter(file, engine.table.digest)
    stack.callback(writer.close)
    engine.observer = CallRecorder(engine.table, writer)
    log.warning("every call is recorded in %s, with the patients' data in it", writer.file)


async def _stop_together(doors: Sequence[Door], workers: Sequence[Worker]) -> None:
    """All at the same moment, so that calls under way by any of them have the same time left. Those that do
    not end in time are given a code, while their callers can still be reached.
    """
    closing = asyncio.gather(*(door.stop() for door in doors), return_exceptions=True)
    loop = asyncio.get_running_loop()
    ends = [loop.call_later(CALL_SECONDS, worker.cut_short) for worker in workers]
    faults = await closing
    for end in ends:
        end.cancel()
    for fault in faults:
        if isinstance(fault, BaseException):
            log.error("a door did not close", exc_info=fault)


def _simulator_ports(options: Options) -> dict[str, int]:
    return {
        "console": options.console_port,
        "cloud": options.cloud_port,
        "centre": _free_with_the_others(options, options.centre_port, CENTRE_PORT),
        "portal": _free_with_the_others(options, options.portal_port, PORTAL_PORT),
    }


def _free_with_the_others(options: Options, port: int | None, usual: int) -> int:
    """Not said: the usual one, or a free one where the cloud has a free one, so that several can run."""
    if port is not None:
        return port
    return usual if options.cloud_port else 0


def _warn_of_pending(data_dir: Path, table: Table) -> None:
    """Those that another process has under way, such as a program with the bridge inside, are not counted."""
    try:
        changes = pending_changes(JournalView(data_dir / JOURNAL_NAME).unclear(), table.title_of)
    except JournalUnreadable:  # the journal has said why
        return
    if count := sum(change.needs_a_person for change in changes):
        log.warning(
            "%d change(s) did not end clearly and need a person; see: cshis-bridge journal pending", count
        )


def _leave_settings(settings: Settings, file: Path) -> None:
    """What other commands find this bridge by. A full disk is no reason to serve nobody; but what a bridge of
    before has left would lead them astray.
    """
    try:
        save_settings(settings, file)
    except ConfigError as error:
        with suppress(OSError):
            file.unlink(missing_ok=True)
        log.error("%s: other commands do not find this bridge", error)


def _with_ports(settings: Settings, facade: int, legacy_http: int, channel: int) -> Settings:
    """The settings with the ports that the doors really have, where any free one was asked for."""
    ports = {"port": facade, "legacy_http_port": legacy_http}
    return settings.model_copy(
        update={
            "facade": settings.facade.model_copy(update=ports),
            "channel": settings.channel.model_copy(update={"port": channel}),
        }
    )


def _may_be_trusted(options: Options, settings: Settings) -> bool:
    """Whether this is a person's own bridge on Windows, with a certificate of its own making."""
    usual = sys.platform == "win32" and options.data_dir == chosen_data_dir().absolute()
    own = settings.facade.certificate_file is None and settings.facade.trust == "user"
    return usual and own and not options.simulate and not runs_as_service()


def _certificate(settings: Settings) -> tuple[Path, Path, Path]:
    given, key = settings.facade.certificate_file, settings.facade.key_file
    if given is not None and key is not None:
        check_secret_file(key, "facade.key_file")
        return given, key, given
    return ensure_certificate(settings.data_dir / "certificate")
