"""Whom a replay asks: an engine in this process, or a running bridge through its channel."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Hashable
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from bridge.calls.call import NATIVE, Argument, LegacyCall, LegacyResult
from bridge.channel.frame import (
    HEADER_BYTES,
    NO_TOKEN,
    Answer,
    FrameError,
    Request,
    Sent,
    decode_reply,
    encode_request,
    read_header,
)
from bridge.engine.face import CallEngine
from bridge.errors import TraceError
from bridge.table.codegen.abi import Slot, signature_hash, slots
from bridge.table.model.rows import Function, Table

CONNECT_SECONDS = 5.0
_UNREACHABLE = ("transport", "bridge-unreachable")


class Target(Protocol):
    """Whom a replay asks. ``lane``: the recorded thread; each has a connection of its own."""

    async def call(self, lane: Hashable, call: LegacyCall) -> LegacyResult:
        """Make a call. Raises OSError or FrameError when no answer came."""
        ...

    async def leave(self, lane: Hashable) -> None:
        """No more calls will come from this thread."""
        ...


class EngineTarget:
    """An engine in this process."""

    def __init__(self, engine: CallEngine) -> None:
        self._engine = engine

    async def call(self, lane: Hashable, call: LegacyCall) -> LegacyResult:
        """Make a call, whichever door it came by."""
        return await self._engine.call(call)

    async def leave(self, lane: Hashable) -> None:
        """Nothing to close."""


class ChannelTarget:
    """A running bridge at ``host``:``port``, asked as the native library does (native/PROTOCOL.md)."""

    def __init__(self, table: Table, host: str, port: int, token: bytes = NO_TOKEN) -> None:
        self._table, self._host, self._port, self._token = table, host, port, token
        self._numbers = itertools.count(1)
        self._answered = False
        self._open: dict[Hashable, tuple[asyncio.StreamReader, asyncio.StreamWriter]] = {}

    async def check(self) -> None:
        """Raises TraceError when nothing listens there."""
        try:
            _, writer = await self._connect()
        except (OSError, TimeoutError) as error:
            reason = getattr(error, "strerror", None) or "no answer"
            raise TraceError(f"no bridge answers at {self._host}:{self._port}: {reason}") from error
        await _close(writer)

    async def call(self, lane: Hashable, call: LegacyCall) -> LegacyResult:
        """Make a call of the native door. A refusal has the code that the library would return.

        Raises OSError or FrameError when no answer came; the connection is then closed. Raises TraceError
        where the bridge wants another token.
        """
        function = self._table.functions[call.name]
        arguments = slots(self._table, function)
        number = next(self._numbers) & 0xFFFFFFFF
        sent = tuple(_sent(slot, call.arguments.get(slot.name)) for slot in arguments)
        request = Request(number, signature_hash(call.name, arguments), call.name, sent, self._token)
        frame = encode_request(request)
        try:
            reply = decode_reply(await self._exchange(lane, frame), number)
        except BaseException:  # also where the caller has no more time: the answer would be the next call's
            await self.leave(lane)
            raise
        if not isinstance(reply, Answer):
            self._check_refusal(function, reply.code)
            return LegacyResult(reply.code)
        self._answered = True
        try:
            outputs = {arguments[index].name: value for index, value in reply.outputs}
        except IndexError as error:
            raise FrameError("an output without an argument") from error
        return LegacyResult(reply.code, outputs)

    def _check_refusal(self, function: Function, code: int) -> None:
        """Raises TraceError where the very first call is refused as from a caller that may not call."""
        contexts = (*function.contexts, *NATIVE.contexts)
        if not self._answered and code == self._table.statuses.legacy(*_UNREACHABLE, contexts):
            where = f"the bridge at {self._host}:{self._port}"
            raise TraceError(f"{where} refuses every call: it wants the token of its channel.token_file")

    async def leave(self, lane: Hashable) -> None:
        streams = self._open.pop(lane, None)
        if streams is not None:
            await _close(streams[1])

    async def aclose(self) -> None:
        for lane in list(self._open):
            await self.leave(lane)

    async def _exchange(self, lane: Hashable, frame: bytes) -> bytes:
        if lane not in self._open:
            self._open[lane] = await self._connect()
        reader, writer = self._open[lane]
        writer.write(frame)
        await writer.drain()
        try:
            header = await reader.readexactly(HEADER_BYTES)
            return header + await reader.readexactly(read_header(header).length)
        except asyncio.IncompleteReadError as error:
            raise ConnectionError("the bridge closed the connection") from error

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        async with asyncio.timeout(CONNECT_SECONDS):
            return await asyncio.open_connection(self._host, self._port)


def read_token(file: Path) -> bytes:
    """The token of a running bridge. Raises TraceError where there is none to read: none is made."""
    try:
        token = bytes.fromhex(file.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise TraceError(f"{file}: no token can be read: {type(error).__name__}") from error
    if len(token) != len(NO_TOKEN):
        raise TraceError(f"{file}: a token has {2 * len(NO_TOKEN)} hexadecimal digits")
    return token


def _sent(slot: Slot, value: Argument | None) -> Sent:
    return Sent(slot.kind, None if slot.kind in ("length", "text_out") else value)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
