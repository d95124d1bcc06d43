"""What ``cshis-bridge replay`` asks: simulators and an engine of its own, or a running bridge."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from bridge.channel.frame import NO_TOKEN
from bridge.cli.simulators import start_simulators
from bridge.config import Settings, load_settings
from bridge.engine.compose import open_engine
from bridge.errors import TraceError
from bridge.table.loader import default_table
from bridge.trace.format import TracedCall
from bridge.trace.reading import Trace
from bridge.trace.replaying import Before
from bridge.trace.targets import ChannelTarget, EngineTarget, Target, read_token

FREE_PORTS = {"console": 0, "cloud": 0, "centre": 0, "portal": 0}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A target, and what the report says of it. ``before``: what is done ahead of each call."""

    mode: Literal["simulator", "bridge"]
    target: Target
    target_text: str
    before: Before
    world: str = ""
    remarks: tuple[str, ...] = ()


async def _nothing(call: TracedCall) -> None:
    """Nothing is done ahead of a call."""


@asynccontextmanager
async def simulators(trace: Trace) -> AsyncIterator[Prepared]:
    """Simulators on free ports and an engine against them, in this process, with a data directory that is
    deleted afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="cshis-replay-") as name:
        data_dir = Path(name)
        async with AsyncExitStack() as stack:
            settings = await start_simulators(stack, _plain_settings(data_dir), data_dir, FREE_PORTS)
            engine = await stack.enter_async_context(open_engine(settings))
            yield Prepared("simulator", EngineTarget(engine), "simulators", _nothing, "default")


def _plain_settings(data_dir: Path) -> Settings:
    """The settings as delivered: those of this machine's bridge do not matter here."""
    return Settings(data_dir=data_dir)


@asynccontextmanager
async def running_bridge(
    channel: str | None, config: Path | None, token_file: Path | None
) -> AsyncIterator[Prepared]:
    """A bridge that runs. What is not said stands in the settings. Raises TraceError, ConfigError."""
    settings = load_settings(config).channel
    host, port = _address(channel) if channel is not None else (settings.host, settings.port)
    file = token_file or settings.token_file
    target = ChannelTarget(default_table(), host, port, NO_TOKEN if file is None else read_token(file))
    await target.check()
    try:
        yield Prepared("bridge", target, f"the bridge at {host}:{port}", _nothing)
    finally:
        await target.aclose()


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise TraceError(f"--channel {text}: write HOST:PORT, such as 127.0.0.1:5068")
    return host.strip("[]"), int(port)
