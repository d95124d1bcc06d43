"""``cshis-bridge serve``: the bridge with its doors, and with ``--simulate`` the simulators behind it."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bridge.channel.server import ChannelServer
from bridge.cli.event_loop import new_event_loop
from bridge.cli.listen import Listener
from bridge.cli.logs import start_log
from bridge.config import (
    BhytSettings,
    FixedPinSettings,
    PinSettings,
    Settings,
    default_data_dir,
    load_settings,
    save_settings,
)
from bridge.engine.compose import open_engine
from bridge.engine.lookup_desk import open_lookup_desk
from bridge.errors import BridgeError
from bridge.rest.app import make_app
from bridge.rest.certificate import ensure_certificate
from bridge.sim.simulator import Simulator
from bridge.sim.world import World

log = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"
CENTRE_PORT = 5070
PORTAL_PORT = 5071


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
    default="INFO",
    show_default=True,
)
@click.option(
    "--log-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Log into this file.  [default: standard error; under pythonw cshis-bridge.log in the data-dir]",
)
def serve(
    simulate: bool, facade_port: int | None, legacy_http_port: int | None, channel_port: int | None,
    console_port: int, cloud_port: int, centre_port: int | None, portal_port: int | None,
    data_dir: Path | None, config: Path | None, log_level: str, log_file: Path | None,
) -> None:  # fmt: skip
    """Starts the bridge. Port 0 means any free one.

    When everything listens, one line of JSON on stdout says where. SIGTERM or Ctrl-C ends it.
    """
    directory = data_dir or default_data_dir()
    options = Options(
        simulate, facade_port, legacy_http_port, channel_port, console_port, cloud_port, centre_port,
        portal_port, directory, config,
    )  # fmt: skip
    try:
        file = start_log(log_level, log_file, directory)
        logging.getLogger("httpx").setLevel(logging.WARNING)
        with _noted_in(file), asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(options))
    except BridgeError as error:
        raise click.ClickException(str(error)) from error


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


async def _serve(options: Options) -> None:
    stopped = asyncio.Event()
    _on_signals(stopped)
    async with _running(options) as ready:
        print(json.dumps(ready), flush=True)
        await stopped.wait()
        log.info("stopping")


@asynccontextmanager
async def _running(options: Options) -> AsyncIterator[dict[str, Any]]:
    """Everything started, in order; ended in the reverse order. Out: the content of the ready line."""
    options.data_dir.mkdir(parents=True, exist_ok=True)
    settings = _settings(options)
    async with AsyncExitStack() as stack:
        if options.simulate:
            settings = await _start_simulator(stack, options, settings)
        engine = await stack.enter_async_context(open_engine(settings))
        await stack.enter_async_context(engine.calls.batching())
        certificate, key, ca_file = _certificate(settings)
        lookups = open_lookup_desk(settings, engine.table.lookups, engine.calls)
        app = make_app(engine, settings.facade, await stack.enter_async_context(lookups))
        facade = Listener(app, settings.facade.host, settings.facade.port, certificate, key)
        legacy_http = Listener(app, settings.facade.host, settings.facade.legacy_http_port)
        for listener in (facade, legacy_http):
            await listener.start()
            stack.push_async_callback(listener.stop)
        channel = ChannelServer(engine, settings.channel)
        host, port = await channel.start()
        stack.push_async_callback(channel.stop)
        config_file = options.data_dir / "running.toml"
        save_settings(settings, config_file)
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


def _certificate(settings: Settings) -> tuple[Path, Path, Path]:
    given, key = settings.facade.certificate_file, settings.facade.key_file
    if given is not None and key is not None:
        return given, key, given
    return ensure_certificate(settings.data_dir / "certificate")


async def _start_simulator(stack: AsyncExitStack, options: Options, settings: Settings) -> Settings:
    """Console, cloud, upload centre, portal and control on loopback. Out: settings that point to them."""
    simulator = Simulator(options.data_dir / "sim")
    listeners = {
        "console": (simulator.console_app, options.console_port),
        "cloud": (simulator.cloud_app, options.cloud_port),
        "centre": (simulator.centre_app, _free_with_the_others(options, options.centre_port, CENTRE_PORT)),
        "portal": (simulator.portal_app, _free_with_the_others(options, options.portal_port, PORTAL_PORT)),
    }
    running: dict[str, Listener] = {}
    for name, (app, port) in listeners.items():
        running[name] = Listener(app, LOOPBACK, port, simulator.server_cert_file, simulator.server_key_file)
        await running[name].start()
        stack.push_async_callback(running[name].stop)

    async def power(name: str, on: bool) -> None:
        await (running[name].start() if on else running[name].stop())

    simulator.power = power
    control = Listener(simulator.control_app, LOOPBACK, 0)
    await control.start()
    stack.push_async_callback(control.stop)
    address = options.data_dir / "sim.json"
    address.write_text(json.dumps({"control": control.url}), encoding="utf-8")
    stack.callback(address.unlink, missing_ok=True)
    upstream = {"ca_file": simulator.ca_file}
    centre = {"url": f"{running['centre'].url}/V2000/", **upstream}
    return settings.model_copy(
        update={
            "console": settings.console.model_copy(update={"url": running["console"].url, **upstream}),
            "cloud": settings.cloud.model_copy(update={"url": running["cloud"].url, **upstream}),
            "upload": settings.upload.model_copy(
                update={"centre": settings.upload.centre.model_copy(update=centre)}
            ),
            "pin": _pin_settings(settings.pin, simulator.world),
            "bhyt": _bhyt_settings(settings.bhyt, simulator.world).model_copy(
                update={"url": running["portal"].url, **upstream}
            ),
        }
    )


def _free_with_the_others(options: Options, port: int | None, usual: int) -> int:
    """Not said: the usual one, or a free one where the cloud has a free one, so that several can run."""
    if port is not None:
        return port
    return usual if options.cloud_port else 0


def _bhyt_settings(given: BhytSettings, world: World) -> BhytSettings:
    """The settings' own where they name officers; else the first account of the simulated portal, and for
    each account its first officer.
    """
    if given.enabled:
        return given
    first = world.portal.accounts[0]
    officers = {}
    for account in world.portal.accounts:
        number, name = next(iter(account.officers.items()))
        officers[account.username] = {"hoTenCb": name, "cccdCb": number}
    return BhytSettings.model_validate(
        {"username": first.username, "password": first.password, "officers": officers}
    )


def _pin_settings(given: PinSettings, world: World) -> PinSettings:
    """The settings' own where they name a provider; else nobody has to type the PINs of invented people."""
    if "provider" in given.model_fields_set:
        return given
    return given.model_copy(update={"provider": "fixed", "fixed": _known_pins(world)})


def _known_pins(world: World) -> FixedPinSettings:
    """The PINs of the simulated cards. A new PIN is the old one again: calls work in any order."""
    practitioner = next(iter(world.practitioners.values()))
    hc = next(card.pin for card in world.cards.values() if card.pin is not None)
    return FixedPinSettings.model_validate(
        {
            "hc": hc,
            "hpc": practitioner.pin,
            "puk": practitioner.puk,
            "new_hc": hc,
            "new_hpc": practitioner.pin,
        }
    )


def _on_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    numbers = [signal.SIGTERM, signal.SIGINT]
    if sys.platform == "win32":
        numbers.append(signal.SIGBREAK)  # Ctrl-Break, and the closing of the console window
    for number in numbers:
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
