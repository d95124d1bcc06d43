"""``cshis-bridge serve``: the bridge with its doors, and with ``--simulate`` the simulators behind it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any, NoReturn

import click

from bridge.app import Options, running, settings_of
from bridge.cli.names import scenario_names
from bridge.config import LogSettings, Settings, chosen_places, settings_file
from bridge.errors import BridgeError, ConfigError
from bridge.private_files import how_to_close, may_be_read_by_others
from bridge.serving.event_loop import new_event_loop
from bridge.serving.logs import start_log
from bridge.serving.memory import settle_memory
from bridge.serving.notify import READY, STOPPING, notify
from bridge.serving.one_owner import Taken
from bridge.serving.open_files import allow_open_files
from bridge.serving.service import runs_as_service
from bridge.serving.stop_signals import on_stop
from bridge.tray.compose import icon_of_failure
from bridge.words import reason, said, tr

log = logging.getLogger(__name__)

SUPERVISED = "CSHIS_BRIDGE_SUPERVISED"  # set by native/launcher/supervise.c: the exit code of the one before


class _Already(click.ClickException):
    """Another bridge has data directory or console."""

    exit_code = 3


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
@click.option(
    "--service",
    is_flag=True,
    help="It works for all users of the machine: do not start without channel.token_file.  "
    "[default: where systemd or Windows has started it as a service]",
)
@click.option(
    "--scenario",
    metavar="NAME_OR_FILE",
    shell_complete=scenario_names,
    help="World of --simulate, as of sim load.",
)
def serve(
    simulate: bool, facade_port: int | None, legacy_http_port: int | None, channel_port: int | None,
    console_port: int, cloud_port: int, centre_port: int | None, portal_port: int | None,
    data_dir: Path | None, config: Path | None, log_level: str | None, log_file: Path | None,
    record: Path | None, service: bool, scenario: str | None,
) -> None:  # fmt: skip
    """Starts the bridge.

    Port 0 means any free one. When everything listens, one line of JSON on stdout says where. SIGTERM or
    Ctrl-C ends it. Exit code 3: another bridge has the data directory, or works with the console.

    \b
    Examples:
      cshis-bridge serve
      cshis-bridge serve --simulate --scenario no-visits-left
    """
    if scenario is not None and not simulate:
        raise click.UsageError(tr("--scenario goes with --simulate"))
    directory, config = chosen_places(data_dir, config)
    options = Options(
        simulate=simulate,
        facade_port=facade_port,
        legacy_http_port=legacy_http_port,
        channel_port=channel_port,
        console_port=console_port,
        cloud_port=cloud_port,
        centre_port=centre_port,
        portal_port=portal_port,
        data_dir=directory,
        config=config,
        record=record,
        scenario=scenario,
        service=service or runs_as_service(),
    )
    said = {"level": log_level, "file": log_file}
    first = os.environ.get(SUPERVISED, "0") == "0"
    try:
        run_bridge(
            options,
            {name: value for name, value in said.items() if value},
            ready=lambda words: print(json.dumps(words), flush=True),
        )
    except BridgeError as error:
        if isinstance(error, Taken):
            raise _Already(reason(error)) from error
        if sys.stderr is None and first and _icon_is_wanted(options):
            icon_of_failure(directory)
        raise click.ClickException(reason(error)) from error


def _icon_is_wanted(options: Options) -> bool:
    """Also where the settings cannot be read, which is what the icon is to tell."""
    try:
        return settings_of(options).tray.shown
    except ConfigError:
        return True


def _nothing_else(stop: Callable[[], object]) -> AbstractContextManager[None]:
    return nullcontext()


def run_bridge(
    options: Options,
    said: Mapping[str, Any],
    *,
    ready: Callable[[dict[str, Any]], object],
    on_end: Callable[[Callable[[], object]], AbstractContextManager[None]] = _nothing_else,
    last: Callable[[], object] = lambda: None,
) -> NoReturn:
    """The bridge until it is asked to end, and with it this process.

    In: what the command line says of the log; ``ready``, told once all listens; ``on_end``, which calls its
    argument, from any thread, where somebody beside the signals asks for the end; ``last``, called when all
    is closed. Raises BridgeError, which then stands in the log file as well.
    """
    settings = _settings_and_log(options, said)
    _tell_of_a_crash(os.environ.pop(SUPERVISED, "0"))  # what is started from here is not watched over by it
    with noted_in(settings.log.file):
        _check_service(settings, options.service)
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(options, settings, ready, on_end))
            last()
            _end_process()


def _settings_and_log(options: Options, said: Mapping[str, Any]) -> Settings:
    """The settings, and the log begun as they say; what the command line says wins. Settings that cannot be
    used stand in the log, too, which then is what the command line alone makes of it.

    Out: the settings; ``log.file`` is the file in use. Raises ConfigError.
    """
    try:
        settings = settings_of(options)
    except ConfigError:
        with noted_in(start_log(LogSettings.model_validate(said), options.data_dir)):
            raise
    chosen = settings.log.model_copy(update=said)
    file = start_log(chosen, options.data_dir)
    warn_of_open_secrets(settings_file(options.config, options.data_dir), settings)
    most_files = allow_open_files()
    log.debug("at most %d open files", most_files)
    for library in ("httpx", "uvicorn.error"):
        logging.getLogger(library).setLevel(logging.WARNING)
    return settings.model_copy(update={"log": chosen.model_copy(update={"file": file})})


def _tell_of_a_crash(code: str) -> None:
    """Who reads the log must not take the second beginning for a clean one."""
    if code != "0":
        log.warning("the bridge before this one ended by itself (exit code %s), and was started again", code)


def _check_service(settings: Settings, service: bool) -> None:
    """Who the peer is says nothing where one process works for all: only a token does. Raises ConfigError."""
    if service and settings.channel.token_file is None:
        raise ConfigError(
            said(
                "as a service the bridge works for every user of the machine: set channel.token_file, and "
                "let those read that file whose programs may use the cards"
            )
        )


def warn_of_open_secrets(file: Path | None, settings: Settings) -> None:
    """A settings file with a PIN or password in it is its user's own business, but should be known."""
    secrets = (*settings.bhyt.known_accounts, *dict(settings.pin.fixed).values())
    if file is not None and any(secrets) and may_be_read_by_others(file):
        advice = how_to_close(file)
        log.warning("%s holds a PIN or password and may be read by others; %s", file, advice)


@contextmanager
def noted_in(file: Path | None) -> Iterator[None]:
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


async def _serve(
    options: Options,
    settings: Settings,
    ready: Callable[[dict[str, Any]], object],
    on_end: Callable[[Callable[[], object]], AbstractContextManager[None]],
) -> None:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    with on_stop(stopped.set), on_end(lambda: loop.call_soon_threadsafe(stopped.set)):
        async with running(options, settings) as words:
            settle_memory()
            if not stopped.is_set():
                ready(words)
                notify(READY)
            await stopped.wait()
            log.info("stopping")
            notify(STOPPING)


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
