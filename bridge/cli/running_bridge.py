"""The bridge that runs, as commands find it and talk to it: through its own doors.

A command with a console session of its own would take the session from the bridge, and the card with it.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import click

from bridge.config import Settings, UpstreamSettings, default_data_dir, load_running, load_settings
from bridge.doctor.facade_certificate import certificate_files
from bridge.doctor.the_bridge import health_of
from bridge.errors import BadReply, BridgeError, ConfigError
from bridge.serving.one_owner import Holder
from bridge.serving.owners import owner_of_console, owner_of_data_dir
from bridge.upstream.pool import KeptConnections
from bridge.upstream.transport import HTTP_OK, Request
from bridge.words import said

EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - asked, not bound
SLACK = 15.0  # seconds that a door may take beyond the longest call


class Finding(NamedTuple):
    """What a command says of the bridge that it means. ``standalone``: none, a session of its own."""

    config: Path | None = None
    data_dir: Path | None = None
    standalone: bool = False


def finding_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options by which it finds the running bridge or does without it, as ``finding``."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)

    @click.option("--config", type=file, help="Settings file (TOML).")
    @click.option(
        "--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Of the running bridge."
    )
    @click.option(
        "--standalone",
        is_flag=True,
        help="A console session of its own, though a bridge runs: that disturbs its programs.",
    )
    @functools.wraps(command)
    def run(config: Path | None, data_dir: Path | None, standalone: bool, **further: Any) -> None:
        command(finding=Finding(config, data_dir, standalone), **further)

    return run


@dataclass(frozen=True, slots=True)
class Where:
    """What a command has found. ``running``: the bridge that has these settings, None where none runs."""

    settings: Settings
    running: Holder | None


def find(finding: Finding) -> Where:
    """The settings of the bridge that runs with the data directory, or at the console, of the settings that
    are given; without one, those settings.

    Settings that were named and mean another console than the bridge of the data directory do not mean that
    bridge, unless they name that directory; where none were named, a bridge at the usual ports is it, whoever
    runs it. Raises ConfigError, also where a bridge runs and cannot be found.
    """
    config, data_dir, standalone = finding
    given = load_settings(config, **({} if data_dir is None else {"data_dir": data_dir}))
    named = config is not None or "CSHIS_BRIDGE_CONFIG" in os.environ
    # the bridge there is meant, such as one with simulators, whose console is another
    by_directory = data_dir is None and given.data_dir != default_data_dir()
    try:
        found = _running(given, named=named, by_directory=by_directory)
    except ConfigError:
        if standalone:
            return Where(given, None)
        raise
    return Where(found.settings, None) if standalone else found


def _running(given: Settings, *, named: bool, by_directory: bool) -> Where:
    holder = owner_of_data_dir(given.data_dir)
    if holder is not None:
        running = _settings_of(holder)
        if by_directory or not named or running.console.url == given.console.url:
            return Where(running, holder)
    other = owner_of_console(given.console.url)
    if other is not None:
        return Where(_settings_of(other), other)
    if holder is None and not named and (health := health_of(given, None)) is not None:
        return Where(given, Holder(pid=int(health.get("pid") or 0)))  # of another user, such as a service
    return Where(given, None)


def channel_of(settings: Settings) -> tuple[str, int]:
    """Where programs of this machine reach the channel: host and port."""
    channel = settings.channel
    return EVERYWHERE.get(channel.host, channel.host), channel.port


def shared(settings: Settings) -> Settings:
    """The settings for a session of a command's own: another program may work at the same console."""
    reader = settings.reader.model_copy(update={"shared": True})
    return settings.model_copy(update={"reader": reader})


def _settings_of(holder: Holder) -> Settings:
    file = Path(holder.settings)
    try:
        settings = load_running(file)
        if file.stat().st_mtime < holder.began:
            raise ConfigError(said("{file} is that of an earlier bridge", file=file))
        return settings
    except (ConfigError, OSError) as error:
        raise ConfigError(
            said(
                "{bridge} runs, but has not said where ({error}); is it just starting, or its disk full? "
                "--standalone does without it",
                bridge=holder.told(),
                error=error,
            )
        ) from error


class HttpsDoor:
    """The HTTPS door of a running bridge, which proves itself by its certificate."""

    def __init__(self, settings: Settings) -> None:
        facade = settings.facade
        host = EVERYWHERE.get(facade.host, facade.host)
        url = f"https://{f'[{host}]' if ':' in host else host}:{facade.port}"
        self._patience = settings.call_deadline + SLACK
        self._way = KeptConnections(
            "bridge", UpstreamSettings(url=url, ca_file=certificate_files(settings)[2])
        )

    async def post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Send a body to a path, once. Out: the reply. Raises UpstreamError, DoorRefused."""
        content = json.dumps(body).encode()
        answer = await self._way.send(Request("POST", path, content, self._patience))
        try:
            reply = json.loads(answer.body)
        except (ValueError, RecursionError) as error:
            raise BadReply("bridge", said("the answer is not JSON")) from error
        if not isinstance(reply, dict):
            raise BadReply("bridge", said("the answer is not a JSON object"))
        if answer.status != HTTP_OK:
            raise DoorRefused(answer.status, str(reply.get("message", "")))
        return reply

    async def aclose(self) -> None:
        await self._way.aclose()


class DoorRefused(BridgeError):
    """The door answered with another HTTP status than 200; the text is the bridge's own."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message or said("the bridge answered HTTP {status}", status=status))
        self.status = status


@asynccontextmanager
async def https_door(settings: Settings) -> AsyncIterator[HttpsDoor]:
    """The door, closed at the end. Raises ConfigError where the certificate cannot be used."""
    door = HttpsDoor(settings)
    try:
        yield door
    finally:
        await door.aclose()
