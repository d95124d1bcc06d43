"""``cshis-bridge serve``: the bridge with its doors, and with ``--simulate`` the simulators behind it."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

import click

from bridge import __version__
from bridge.bhyt.service import LookupService, open_lookup_service
from bridge.channel.server import ChannelServer
from bridge.config import LogSettings, Settings, default_data_dir, load_settings, save_settings, settings_file
from bridge.engine.compose import open_engine
from bridge.engine.engine import Engine
from bridge.errors import BridgeError, ConfigError
from bridge.private_files import check_secret_file, may_be_read_by_others, private_directory
from bridge.records.journal import Journal
from bridge.rest.app import make_app
from bridge.rest.health import Health, WatchedDoor
from bridge.serving.certificate import ensure_certificate
from bridge.serving.event_loop import new_event_loop
from bridge.serving.listener import Listener
from bridge.serving.logs import start_log
from bridge.serving.open_files import allow_open_files
from bridge.serving.sockets import is_loopback

log = logging.getLogger(__name__)
CENTRE_PORT = 5070
PORTAL_PORT = 5071
CALL_SECONDS = 1.4  # that calls under way have when the bridge stops; less than the doors wait for them


class Door(Protocol):
    """What callers come in by."""

    async def stop(self) -> None:
        """Refuse new connections at once, answer the calls under way within a bounded time, close."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says beyond the settings file. None: not said."""

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


@click.command()
@click.option("--simulate", is_flag=True, help="Start the simulators and work against them.")
@click.option("--facade-port", type=int, help="HTTPS door for VHC clients.  [default: 5067]")
@click.option("--legacy-http-port", type=int, help="Plain HTTP door as the old SDK had.  [default: 3033]")
@click.option("--channel-port", type=int, help="Door of the native library.  [default: 5068]")
@click.option("--console-port", type=int, default=5066, show_default=True, help="Simulated console.")
@click.option("--cloud-port", type=int, default=5069, show_default=True, help="Simulated cloud.")
@click.option(
    "--centre-port",
    type=int,
    help="Simulated upload centre.  [default: 5070, or any free one with --cloud-port 0]",
)
@click.option(
    "--portal-port",
    type=int,
    help="Simulated portal of Viet Nam.  [default: 5071, or any free one with --cloud-port 0]",
)
@click.option(
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Certificate, journal, simulator."
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option(
    "--log-level",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False),
    help="[default: log.level of the settings, INFO]",
)
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Log into this file.  [default: log.file of the settings; standard error; under pythonw "
    "cshis-bridge.log in the data-dir]",
)
@click.option(
    "--record",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write every call and its answer, with the patients' data in it, into this trace (.jsonl).",
)
@click.option("--scenario", metavar="NAME_OR_FILE", help="World of --simulate, as of sim load.")
def serve(
    simulate: bool, facade_port: int | None, legacy_http_port: int | None, channel_port: int | None,
    console_port: int, cloud_port: int, centre_port: int | None, portal_port: int | None,
    data_dir: Path | None, config: Path | None, log_level: str | None, log_file: Path | None,
    record: Path | None, scenario: str | None,
) -> None:  # fmt: skip
    """Starts the bridge. Port 0 means any free one.

    When everything listens, one line of JSON on stdout says where. SIGTERM or Ctrl-C ends it.
    """
    if scenario is not None and not simulate:
        raise click.UsageError("--scenario goes with --simulate")
    directory = data_dir or default_data_dir()
    options = Options(
        simulate, facade_port, legacy_http_port, channel_port, console_port, cloud_port, centre_port,
        portal_port, directory, config, record, scenario,
    )  # fmt: skip
    said = {"level": log_level, "file": log_file}
    try:
        settings = _settings_and_log(options, {name: value for name, value in said.items() if value})
        with _noted_in(settings.log.file), asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(options, settings))
            _end_process()
    except BridgeError as error:
        raise click.ClickException(str(error)) from error


def _settings_and_log(options: Options, said: Mapping[str, Any]) -> Settings:
    """The settings, and the log begun as they say; what the command line says wins. Settings that cannot be
    used are told in the log, too, which then is what the command line alone makes of it.

    Out: the settings; ``log.file`` is the file in use. Raises ConfigError.
    """
    try:
        settings = _settings(options)
    except ConfigError:
        with _noted_in(start_log(LogSettings.model_validate(said), options.data_dir)):
            raise
    chosen = settings.log.model_copy(update=said)
    file = start_log(chosen, options.data_dir)
    _warn_of_open_secrets(settings_file(options.config, options.data_dir), settings)
    most_files = allow_open_files()
    log.debug("at most %d open files", most_files)
    for library in ("httpx", "uvicorn.error"):
        logging.getLogger(library).setLevel(logging.WARNING)
    return settings.model_copy(update={"log": chosen.model_copy(update={"file": file})})


def _warn_of_open_secrets(file: Path | None, settings: Settings) -> None:
    """A settings file with a PIN or password in it is its user's own business, but should be known."""
    secrets = (settings.bhyt.password, settings.bhyt.password_md5, *dict(settings.pin.fixed).values())
    if file is not None and any(secrets) and may_be_read_by_others(file):
        log.warning("%s holds a PIN or password and may be read by others; chmod 600 it", file)


@contextmanager
def _noted_in(file: Path | None) -> Iterator[None]:
    """What ends the bridge also stands in its log file: under pythonw nobody sees it elsewhere."""
    try:
        yield
    except BridgeError as error:
        if file is not None:
            log.critical("%s", error)
        raise
    except Exception:
        if file is not None:
            log.critical("the bridge ended by a fault of its own", exc_info=True)
        raise


async def _serve(options: Options, settings: Settings) -> None:
    stopped = asyncio.Event()
    _on_signals(stopped)
    async with _running(options, settings) as ready:
        _settle_memory()
        if not stopped.is_set():
            print(json.dumps(ready), flush=True)
        await stopped.wait()
        log.info("stopping")


def _settle_memory() -> None:
    """What was made at start stays: the garbage collector need not look at it again and again, nor as often
    as after every 700 new objects.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@asynccontextmanager
async def _running(options: Options, settings: Settings) -> AsyncIterator[dict[str, Any]]:
    """Everything started, in order; ended in the reverse order. Out: the content of the ready line."""
    private_directory(options.data_dir)
    async with AsyncExitStack() as stack:
        if options.simulate:
            from bridge.lab.simulators import start_simulators  # a bridge in a clinic never needs them

            settings = await start_simulators(
                stack, settings, options.data_dir, _simulator_ports(options), options.scenario
            )
        engine = await stack.enter_async_context(open_engine(settings))
        await stack.enter_async_context(engine.calls.batching())
        if options.record is not None:
            _record(stack, engine, options.record)
        _warn_of_pending(engine.journal)
        certificate, key, ca_file = _certificate(settings)
        lookups = open_lookup_service(settings, engine.table.lookups, engine.calls)
        health = Health()
        desk = await stack.enter_async_context(lookups)
        app = make_app(engine, settings.facade, desk, health)
        facade = Listener(app, settings.facade.host, settings.facade.port, certificate, key)
        legacy_http = Listener(app, settings.facade.host, settings.facade.legacy_http_port)
        channel = ChannelServer(engine, settings.channel)
        stack.push_async_callback(
            _stop_together, (facade, legacy_http, channel), (engine, *([desk] if desk else []))
        )
        if not is_loopback(settings.facade.host):
            log.warning(
                "the HTTP doors listen on %s: other machines can use the cards of this one", facade.host
            )
        for listener in (facade, legacy_http):
            await listener.start()
        host, port = await channel.start()
        health.doors |= {
            "facade": WatchedDoor(facade.url, lambda: facade.is_open),
            "legacy_http": WatchedDoor(legacy_http.url, lambda: legacy_http.is_open),
            "channel": WatchedDoor(f"{host}:{port}", lambda: channel.is_open),
        }
        stack.callback(health.stop)
        config_file = options.data_dir / "running.toml"
        save_settings(_with_ports(settings, facade.port, legacy_http.port, port), config_file)
        log.info(
            "version %s listens at %s, %s and %s:%d (native library)",
            __version__, facade.url, legacy_http.url, host, port,
        )  # fmt: skip
        yield {
            "ready": True,
            "facade": facade.url,
            "legacy_http": legacy_http.url,
            "channel": f"{host}:{port}",
            "console": settings.console.url,
            "cloud": settings.cloud.url,
            "centre": settings.upload.centre.url,
            "portal": settings.bhyt.url,
            "ca_file": str(ca_file),
            "config": str(config_file),
        }


def _record(stack: AsyncExitStack, engine: Engine, file: Path) -> None:
    """Every call goes into a trace until the stack is unwound. Raises TraceError."""
    from bridge.trace.recording import CallRecorder  # most bridges never record
    from bridge.trace.writing import TraceWriter

    writer = TraceWriter(file, engine.table.digest)
    stack.callback(writer.close)
    engine.witness = CallRecorder(engine.table, writer)
    log.warning("every call is recorded in %s, with the patients' data in it", writer.file)


async def _stop_together(doors: Sequence[Door], workers: Sequence[Engine | LookupService]) -> None:
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


def _warn_of_pending(journal: Journal) -> None:
    if count := len(journal.pending()):
        log.warning(
            "%d change(s) did not end clearly and need a person; see: cshis-bridge journal pending", count
        )


def _settings(options: Options) -> Settings:
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


def _with_ports(settings: Settings, facade: int, legacy_http: int, channel: int) -> Settings:
    """The settings with the ports that the doors really have, where any free one was asked for."""
    ports = {"port": facade, "legacy_http_port": legacy_http}
    return settings.model_copy(
        update={
            "facade": settings.facade.model_copy(update=ports),
            "channel": settings.channel.model_copy(update={"port": channel}),
        }
    )


def _certificate(settings: Settings) -> tuple[Path, Path, Path]:
    given, key = settings.facade.certificate_file, settings.facade.key_file
    if given is not None and key is not None:
        check_secret_file(key, "facade.key_file")
        return given, key, given
    return ensure_certificate(settings.data_dir / "certificate")


def _stop_signals() -> list[signal.Signals]:
    numbers = [signal.SIGTERM, signal.SIGINT]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)  # Ctrl-Break, and the closing of the console window
    return numbers


def _end_process() -> NoReturn:
    """All is closed. What else Python does at its end takes a while, and waits for as long as some name
    server leaves a question unanswered.
    """
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # there is none under pythonw
            with suppress(OSError):  # whoever read it has gone
                stream.flush()
    os._exit(0)


def _on_signals(stopped: asyncio.Event) -> None:
    """The first one stops the bridge; further ones change nothing."""
    loop = asyncio.get_running_loop()
    for number in _stop_signals():
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
