"""Puts the services of the upload centre together, beside an engine or for a command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bridge.config import Settings
from bridge.engine.compose import Parts, open_parts
from bridge.relay.uploads import Uploads
from bridge.table.model.rows import Table


def make_uploads(parts: Parts, deadline: float) -> Uploads:
    """The services, over the reader and the centre of an engine, and noted where its calls are.

    ``deadline``: seconds after which each ends.
    """
    engine = parts.engine
    return Uploads(
        reader=parts.reader,
        vpn=engine.vpn,
        journal=parts.journal,
        centre=parts.centre,
        medicloud=parts.medicloud,
        deadline=deadline,
        calls=engine.calls,
    )


@asynccontextmanager
async def open_uploads(settings: Settings) -> AsyncIterator[tuple[Uploads, Table]]:
    """The services, and the table that describes them. Everything is closed at the end. Raises ConfigError,
    TableError.
    """
    async with open_parts(settings) as parts:
        yield make_uploads(parts, settings.call_deadline), parts.engine.table
