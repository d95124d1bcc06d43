"""A client of the channel in Python: what the native library is for other programs (native/PROTOCOL.md).

.. code-block:: python

    async with ChannelClient(table, "127.0.0.1", 5068, token) as channel:
        result = await channel.call(LegacyCall("csOpenCom", {"pComNum": 0}))
"""

from __future__ import annotations

import asyncio
import itertools
import os
import secrets
import time
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Self

from bridge.calls.call import Argument, LegacyCall, LegacyResult
from bridge.channel.frame import (
    EVICTION,
    HEADER_BYTES,
    LONGEST_MS,
    MOST_REPLY_BYTES,
    Answer,
    FrameError,
    Request,
    Sent,
    decode_reason,
    decode_reply,
    encode_reason,
    encode_request,
    read_header,
)
from bridge.channel.handshake import (
    NO_TOKEN,
    NONCE_BYTES,
    Hello,
    Welcome,
    bridge_proof,
    encode_proof,
    host_bytes,
    library_proof,
    same_secret,
)
from bridge.channel.listener_owner import check_owner
from bridge.table.codegen.abi import Slot, signature_hash, slots
from bridge.table.model.rows import Table

CONNECT_SECONDS = 5.0
MOST_EVICTIONS = 4
EVICTION_PAUSE = 0.1  # before the second try; longer before each further one
_STARTED = time.time_ns()  # with the number of this process no other has had it
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class NotReached(ConnectionError):
    """Nothing of the call has been sent: no bridge answers there. The text says why."""


class NotProved(NotReached):
    """Who listens there has not proved that it knows the token, or belongs to another user."""


class _Evicted(Exception):
    """The bridge needed the room: it has taken nothing of what was sent since its last reply."""


class ChannelClient:
    """One caller of a bridge at ``host``:``port``, a numeric address. In: the bridge's ``table``, and the
    ``token`` where it has one (:func:`bridge.channel.tokenfile.read_token`). ``reasons``: whether the bridge
    is asked why a call failed; the result then says so.

    One call at a time; the connection is opened at the first one, and again where it has ended. ``program``:
    process and start of whom it calls for, where that is not this process itself.
    """

    def __init__(
        self,
        table: Table,
        host: str,
        port: int,
        token: bytes = NO_TOKEN,
        program: tuple[int, int] | None = None,
        *,
        reasons: bool = False,
    ) -> None:
        self._reasons = reasons
        self._table, self._host, self._port, self._token = table, host, port, token
        self._program = program or (os.getpid(), _STARTED)
        self._numbers = itertools.count(1)
        self._streams: _Streams | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def connect(self) -> _Streams:
        """Make sure that a connection is open, and that the bridge has proved itself. Raises NotReached."""
        if self._streams is not None and not self._streams[0].at_eof():
            return self._streams
        for number in range(MOST_EVICTIONS):
            await asyncio.sleep(number * EVICTION_PAUSE)
            with suppress(_Evicted):
                return await self._connect()
        raise NotReached(f"{self._where} has no room: each of its connections has a call under way")

    async def _connect(self) -> _Streams:
        await self.aclose()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                self._streams = await asyncio.open_connection(self._host, self._port)
                await self._greet(*self._streams)
                return self._streams
        except (NotReached, _Evicted):
            await self.aclose()
            raise
        except (OSError, FrameError, asyncio.IncompleteReadError) as error:
            await self.aclose()
            raise NotReached(f"{self._where}: {_reason(error)}") from error

    async def call(self, call: LegacyCall, seconds: float = LONGEST_MS / 1000) -> LegacyResult:
        """Make a call of the native door, and wait so long for its answer. Arguments as
        :class:`bridge.calls.call.LegacyCall` has them; a File with the content that was read.

        A refusal has the code that the library would return. Raises NotReached where nothing of it was sent;
        any other OSError (TimeoutError among them) or FrameError where no answer came: then the bridge may
        have done what was asked. The connection is then closed.
        """
        function = self._table.functions[call.name]
        arguments = slots(self._table, function)
        number = next(self._numbers) & 0xFFFFFFFF
        sent = tuple([_sent(slot, call.arguments.get(slot.name)) for slot in arguments])
        request = Request(number, signature_hash(call.name, arguments), call.name, sent)
        try:
            async with asyncio.timeout(seconds):
                reply = decode_reply(await self._exchange(request, seconds), number)
        except BaseException:  # also where the caller has no more time: the answer would be the next call's
            await self.aclose()
            raise
        if not isinstance(reply, Answer):
            return LegacyResult(reply.code)
        try:
            outputs = {arguments[index].name: value for index, value in reply.outputs}
        except IndexError as error:
            raise FrameError("an output without an argument") from error
        return LegacyResult(reply.code, outputs, await self._reason_of(reply))

    async def _reason_of(self, answer: Answer) -> str:
        """Why a call failed, "" where it did not, or the bridge does not tell: an older one closes the
        connection instead.
        """
        if not self._reasons or not answer.code or answer.outputs or self._streams is None:
            return ""
        reader, writer = self._streams
        writer.write(encode_reason(answer.number))
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                return decode_reason(await _receive(reader), answer.number)
        except (OSError, FrameError, asyncio.IncompleteReadError, _Evicted):
            await self.aclose()
            return ""

    async def aclose(self) -> None:
        """Close the connection, if one is open."""
        if self._streams is None:
            return
        _, writer = self._streams
        self._streams = None
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    # --- frames ---------------------------------------------------------------------------------------------

    async def _exchange(self, request: Request, seconds: float) -> bytes:
        """The reply. A connection that had to go is replaced: then nothing was taken of the request."""
        ends = time.monotonic() + seconds
        while True:
            reader, writer = await self.connect()
            left = max(0, round((ends - time.monotonic()) * 1000))
            writer.write(encode_request(replace(request, milliseconds=left)))
            try:
                await writer.drain()
                return await _receive(reader)
            except _Evicted:
                await self.aclose()
            except asyncio.IncompleteReadError as error:
                raise ConnectionError("the bridge closed the connection") from error

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say who this is, and have the bridge prove itself. Raises NotProved, FrameError, OSError."""
        host, port = writer.get_extra_info("peername")[:2]
        if self._token == NO_TOKEN and (other := check_owner(writer.get_extra_info("socket"))):
            raise NotProved(f"{self._where}: {other}")
        nonce = secrets.token_bytes(NONCE_BYTES)
        hello = Hello(nonce, *self._program, host_bytes(host), port).encode()
        writer.write(hello)
        welcome = Welcome.decode(await _receive(reader))
        if not same_secret(welcome.proof, bridge_proof(self._token, hello, welcome.nonce)):
            raise NotProved(f"{self._where} uses another token, or none: see its channel.token_file")
        writer.write(encode_proof(library_proof(self._token, hello, welcome.nonce)))

    @property
    def _where(self) -> str:
        return f"the bridge at {self._host}:{self._port}"


async def _receive(reader: asyncio.StreamReader) -> bytes:
    """The next whole frame. Raises FrameError, OSError, IncompleteReadError and _Evicted."""
    begin = await reader.readexactly(HEADER_BYTES)
    header = read_header(begin)
    if header.length > MOST_REPLY_BYTES:
        raise FrameError(f"a reply of {header.length} bytes")
    if header.kind == EVICTION and header.length == 0:
        raise _Evicted
    return begin + await reader.readexactly(header.length)


def _reason(error: BaseException) -> str:
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, asyncio.IncompleteReadError):
        return "the connection was closed; an older bridge, or none of this kind"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _sent(slot: Slot, value: Argument | None) -> Sent:
    return Sent(slot.kind, None if slot.kind in ("length", "text_out") else value)
