"""Puts an engine together from settings: table, upstreams, reader, journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.calls.context import row_settings
from bridge.config import Settings
from bridge.engine.engine import Engine
from bridge.reader.pin.policy import pin_policy
from bridge.reader.reader import Reader
from bridge.records.journal import JOURNAL_NAME, Journal
from bridge.table.loader import default_table
from bridge.upstream.centre import UploadCentre
from bridge.upstream.client import HttpUpstream


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[Engine]:
    """An engine that works by the project's table against the upstreams of the settings.

    At the end the console session is released and the connections are closed. Raises ConfigError, TableError.
    """
    table = default_table()
    console = HttpUpstream("console", settings.console)
    cloud = HttpUpstream("cloud", settings.cloud)
    centre = UploadCentre(settings.upload.centre)
    journal = Journal(settings.data_dir / JOURNAL_NAME)
    reader = Reader(console, table.console, settings.reader, pin_policy(settings.pin, settings.call_deadline))
    try:
        serve_dropped = settings.dropped_functions == "serve"
        rows = row_settings(settings.upload, settings.vpn)
        yield Engine(table, reader, cloud, journal, settings.call_deadline, serve_dropped, centre, rows)
    finally:
        await reader.stop()
        await console.aclose()
        await cloud.aclose()
        await centre.aclose()
        journal.close()
