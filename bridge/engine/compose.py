"""Puts an engine together from settings: table, upstreams, reader, journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.config import Settings
from bridge.engine.engine import Engine
from bridge.journal import Journal
from bridge.reader.session import Reader
from bridge.table.loader import default_table
from bridge.upstream.client import HttpUpstream


@asynccontextmanager
async def open_engine(settings: Settings) -> AsyncIterator[Engine]:
    """An engine that works by the project's table against the console and cloud of the settings.

    At the end the console session is released and the connections are closed. Raises ConfigError, TableError.
    """
    table = default_table()
    console = HttpUpstream("console", settings.console)
    cloud = HttpUpstream("cloud", settings.cloud)
    journal = Journal(settings.data_dir / "journal.sqlite3")
    reader = Reader(console, settings.reader)
    try:
        serve_dropped = settings.dropped_functions == "serve"
        yield Engine(table, reader, cloud, journal, settings.call_deadline, serve_dropped)
    finally:
        await reader.stop()
        await console.aclose()
        await cloud.aclose()
        journal.close()
