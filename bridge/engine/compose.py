"""Puts an engine together from settings: table, upstreams, reader, journal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bridge.codec.code_page import WINDOWS, CodePage
from bridge.codec.eudc import read_eudc
from bridge.config import JournalSettings, Settings
from bridge.engine.engine import Engine
from bridge.engine.given import row_settings
from bridge.reader.pin.policy import NOBODY, PinPolicy, pin_policy
from bridge.reader.ports import Memory
from bridge.reader.reader import Reader
from bridge.records.journal import JOURNAL_NAME, Journal, Kept
from bridge.records.timers import add_seconds
from bridge.table.default import default_table
from bridge.upstream.centre import UploadCentre
from bridge.upstream.client import HttpUpstream
from bridge.upstream.pool import Check
from bridge.upstream.transport import Transport


@dataclass(frozen=True, slots=True)
class Parts:
    """An engine, and what of its surroundings other services share with it."""

    engine: Engine
    reader: Reader
    centre: UploadCentre
    journal: Journal
    page: CodePage = WINDOWS
    medicloud: UploadCentre | None = None
    pins: PinPolicy = NOBODY


@asynccontextmanager
async def open_parts(
    settings: Settings,
    memory: Memory | None = None,
    console_check: Check | None = None,
    ways: Mapping[str, Transport] | None = None,
    journal: Journal | None = None,
    *,
    beside: bool = True,
) -> AsyncIterator[Parts]:
    """An engine that works by the project's table against the upstreams of the settings.

    ``memory`` keeps the ports of programs longer than that; ``console_check`` tells, by its address, why the
    console that was reached must not be used. ``ways``: other ways to "console", "cloud", "centre" and
    "medicloud" than connections to the settings' addresses. ``journal``: another one than that of the data
    directory. ``beside``: as of :class:`bridge.reader.reader.Reader`. At the end the console session is
    released and the connections are closed. Raises ConfigError, TableError.
    """
    table, ways = default_table(), ways or {}
    page = read_eudc(settings.text.eudc_list())
    console = HttpUpstream("console", settings.console, ways.get("console"), add_seconds, console_check)
    cloud = HttpUpstream("cloud", settings.cloud, ways.get("cloud"), add_seconds)
    centre = UploadCentre(settings.upload.centre, ways.get("centre"), add_seconds)
    medicloud = UploadCentre(settings.medicloud, ways.get("medicloud"), add_seconds, "medicloud")
    journal = journal or Journal(settings.data_dir / JOURNAL_NAME, _kept(settings.journal))
    policy = pin_policy(settings.pin, settings.call_deadline)
    reader = Reader(console, table.console, settings.reader, policy, memory=memory, beside=beside)
    engine = Engine(
        table,
        reader,
        cloud,
        journal,
        deadline=settings.call_deadline,
        serve_dropped=settings.dropped_functions == "serve",
        centre=centre,
        settings=row_settings(settings.upload, settings.vpn),
        page=page,
    )
    try:
        yield Parts(engine, reader, centre, journal, page, medicloud, policy)
    finally:
        await reader.stop()
        await console.aclose()
        await cloud.aclose()
        await centre.aclose()
        await medicloud.aclose()
        journal.close()


def _kept(settings: JournalSettings) -> Kept:
    return Kept(settings.kept_calls, settings.kept_changes, settings.kept_receipts)


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[Engine]:
    """The engine alone; see :func:`open_parts`."""
    async with open_parts(settings) as parts:
        yield parts.engine
