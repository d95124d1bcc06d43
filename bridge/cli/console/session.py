"""A console session for a request that wants one: the one that is open, else one that is begun for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.cli.running_bridge import Where, shared
from bridge.cli.through_bridge import calls_by_channel
from bridge.console_settings.client import ImportedSam, SettingsClient
from bridge.engine.compose import open_engine
from bridge.errors import BridgeError, StatusError, TableError
from bridge.table.default import default_table
from bridge.table.model.rows import Function, Table
from bridge.words import said

ANY_DEVICE = -1
NO_DEVICE = said("it has no device at all")
Call = Callable[[LegacyCall], Awaitable[LegacyResult]]


async def with_session(
    client: SettingsClient, where: Where, ask: Callable[[], Awaitable[ImportedSam]]
) -> ImportedSam:
    """Ask the console; where it wants a session and has none, nothing was done: once more within one.

    The session is begun by the running bridge, which is its one owner, else by an engine of this command.
    """
    try:
        return await ask()
    except StatusError as error:
        if error.number not in client.protocol.statuses.not_initialised:
            raise
    async with _caller(where) as call:
        await _begin(client, call)
        try:
            return await ask()
        finally:
            await call(LegacyCall(_row(default_table(), "close").name, {}))


@asynccontextmanager
async def _caller(where: Where) -> AsyncIterator[Call]:
    if where.running is not None:
        async with calls_by_channel(default_table(), where.settings) as through:
            yield through
        return
    async with open_engine(shared(where.settings)) as engine:
        yield engine.call


async def _begin(client: SettingsClient, call: Call) -> None:
    row = _row(default_table(), "open")
    (port,) = row.arguments
    result = await call(LegacyCall(row.name, {port.name: ANY_DEVICE}))
    if result.code == 0:
        return
    devices = await client.console.device_names()
    which = said("it names {devices}", devices=", ".join(devices)) if devices else NO_DEVICE
    raise BridgeError(
        said(
            "the console imports only within a session, and none could be begun (code {code}; {which}). "
            "Import the first SAM in the console's own window (Settings), or plug in a reader with a SAM",
            code=result.code,
            which=which,
        )
    )


def _row(table: Table, operation: str) -> Function:
    """The function that does nothing but this operation of the reader."""
    for row in table.functions.values():
        if [step.reader for step in row.steps] == [operation] and row.export:
            return row
    raise TableError([f"no row does the reader operation {operation}"])
