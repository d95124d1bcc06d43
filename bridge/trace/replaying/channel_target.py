"""A running bridge, whom a replay asks through its channel."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.channel.client import ChannelClient, NotProved, NotReached
from bridge.channel.handshake import NO_TOKEN
from bridge.channel.tokenfile import read_token as token_of
from bridge.errors import ConfigError, TraceError
from bridge.table.model.rows import Table
from bridge.words import said


class ChannelTarget:
    """A running bridge at ``host``:``port``, asked as the native library does (native/PROTOCOL.md)."""

    def __init__(self, table: Table, host: str, port: int, token: bytes = NO_TOKEN) -> None:
        self._table, self._host, self._port, self._token = table, host, port, token
        self._clients: dict[Hashable, ChannelClient] = {}

    async def check(self) -> None:
        """Raises TraceError when no bridge answers there, or one that wants another token."""
        async with self._client() as client:
            try:
                await client.connect()
            except NotReached as error:
                raise TraceError(said("no bridge answers: {error}", error=error)) from error

    async def call(self, lane: Hashable, call: LegacyCall) -> LegacyResult:
        """Make a call of the native door. A refusal has the code that the library would return.

        Raises OSError or FrameError when no answer came; the connection is then closed. Raises TraceError
        where the bridge wants another token.
        """
        client = self._clients.setdefault(lane, self._client())
        try:
            return await client.call(call)
        except NotProved as error:
            raise TraceError(str(error)) from error

    async def leave(self, lane: Hashable) -> None:
        client = self._clients.pop(lane, None)
        if client is not None:
            await client.aclose()

    async def aclose(self) -> None:
        for lane in list(self._clients):
            await self.leave(lane)

    def _client(self) -> ChannelClient:
        return ChannelClient(self._table, self._host, self._port, self._token)


def read_token(file: Path | None) -> bytes:
    """The token of a running bridge. Raises TraceError where there is none to read: none is made."""
    try:
        return token_of(file)
    except ConfigError as error:
        raise TraceError(str(error)) from error
