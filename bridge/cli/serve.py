"""``cshis-bridge serve``: the bridge with its doors, and with ``--simulate`` the simulators behind it."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from bridge.channel.server import ChannelServer
from bridge.cli.listen import Listener
from bridge.config import Settings, default_data_dir, load_settings, save_settings
from bridge.engine.compose import open_engine
from bridge.errors import BridgeError
from bridge.rest.app import make_app
from bridge.rest.certificate import ensure_certificate
from bridge.sim.simulator import Simulator

log = logging.getLogger(__name__)
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says beyond the settings file. None: not said."""

    simulate: bool
    facade_port: int | None
    legacy_http_port: int | None
    channel_port: int | None
    console_port: int
    cloud_port: int
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
    "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Certificate, journal, simulator."
)
@click.option(
    "--config", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings file (TOML)."
)
@click.option("--log-level", default="INFO", show_default=True, help="DEBUG, INFO, WARNING or ERROR.")
def serve(
    simulate: bool, facade_port: int | None, legacy_http_port: int | None, channel_port: int | None,
    console_port: int, cloud_port: int, data_dir: Path | None, config: Path | None, log_level: str,
) -> None:  # fmt: skip
    """Starts the bridge. Port 0 means any free one.

    When everything listens, one line of JSON on stdout says where. SIGTERM or Ctrl-C ends it. The log goes to
    stderr.
    """
    logging.basicConfig(
        level=log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    directory = data_dir or default_data_dir()
    options = Options(
        simulate, facade_port, legacy_http_port, channel_port, console_port, cloud_port, directory, config
    )
    try:
        asyncio.run(_serve(options))
    except BridgeError as error:
        raise click.ClickException(str(error)) from error


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
        certificate, key, ca_file = _certificate(settings)
        app = make_app(engine, settings.facade)
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
    """Console, cloud and control on loopback. Out: settings that point to them."""
    simulator = Simulator(options.data_dir / "sim")
    listeners = {
        "console": (simulator.console_app, options.console_port),
        "cloud": (simulator.cloud_app, options.cloud_port),
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
    return settings.model_copy(
        update={
            "console": settings.console.model_copy(update={"url": running["console"].url, **upstream}),
            "cloud": settings.cloud.model_copy(update={"url": running["cloud"].url, **upstream}),
        }
    )


def _on_signals(stopped: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
