"""Makes a command's calls and uploads through the doors of the running bridge."""

from __future__ import annotations

import base64
import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from bridge.calls.call import LegacyCall, LegacyResult
from bridge.calls.context import CallContext
from bridge.channel.client import ChannelClient, NotReached
from bridge.channel.frame import FrameError
from bridge.channel.tokenfile import read_token
from bridge.cli.calling_program import calling_program
from bridge.cli.running_bridge import HttpsDoor, channel_of, https_door
from bridge.codec.code_page import CodePage
from bridge.config import Settings
from bridge.errors import BadReply, BridgeError
from bridge.relay.uploads import decoded_result, result_of
from bridge.table.model.rows import Table
from bridge.table.model.service import Service
from bridge.upstream.json_body import Progress
from bridge.words import said


class NoAnswer(BridgeError):
    """The bridge was asked and has not answered; it may have done what was asked."""


async def by_channel(table: Table, settings: Settings, call: LegacyCall) -> LegacyResult:
    """Make a call as a program with the native library does. Raises NoAnswer, ConfigError; BridgeError where
    nothing was sent.
    """
    async with calls_by_channel(table, settings) as made:
        return await made(call)


@asynccontextmanager
async def calls_by_channel(
    table: Table, settings: Settings
) -> AsyncIterator[Callable[[LegacyCall], Awaitable[LegacyResult]]]:
    """Several such calls over one connection, each as :func:`by_channel` makes it. Raises ConfigError."""
    host, port = channel_of(settings)
    token = read_token(settings.channel.token_file)
    async with ChannelClient(table, host, port, token, program=calling_program(), reasons=True) as client:
        yield functools.partial(_made, client)


async def _made(client: ChannelClient, call: LegacyCall) -> LegacyResult:
    try:
        return await client.call(call)
    except NotReached as error:
        raise BridgeError(said("nothing was sent: {error}", error=error)) from error
    except (OSError, FrameError) as error:
        raise NoAnswer(
            said(
                "no answer from the bridge ({error}): what was asked may have been done; see: cshis-bridge "
                "journal pending",
                error=error if str(error) else type(error).__name__,
            )
        ) from error


def has_route(table: Table, function: str, door: str) -> bool:
    """Whether clients of an HTTP door have a path for a function."""
    return any((route.function, route.door) == (function, door) for route in table.routes)


async def by_http(table: Table, settings: Settings, call: LegacyCall, page: CodePage) -> LegacyResult:
    """Make a call as a client of its HTTP door does. Raises UpstreamError; DoorRefused where no function was
    reached.
    """
    path = next(
        route.path
        for route in table.routes
        if (route.function, route.door, route.form) == (call.name, call.door.name, "plain")
    )
    given = {
        name: page.decode(value) if isinstance(value, bytes) else value
        for name, value in call.arguments.items()
        if isinstance(value, bytes | int)
    }
    async with https_door(settings) as door:
        reply = await door.post(path, given)
    return _result(table, call, reply, page)


def _result(table: Table, call: LegacyCall, reply: Mapping[str, object], page: CodePage) -> LegacyResult:
    code = reply.get("statusCode")
    if not isinstance(code, int):
        raise BadReply("bridge", said("the answer has no code"))
    names = {argument.name for argument in table.functions[call.name].arguments}
    outputs = {
        name: page.encode(value) if isinstance(value, str) else value
        for name, value in reply.items()
        if name in names and isinstance(value, str | int)
    }
    return LegacyResult(code, outputs, str(reply.get("message") or ""))


class RelayedUploads:
    """The services of the upload centre for people, by the running bridge, which signs what comes unsigned.

    The methods are those of :class:`bridge.relay.uploads.Uploads` for people.
    """

    def __init__(self, door: HttpsDoor) -> None:
        self._door = door

    async def sign(self) -> dict[str, str]:
        """Nothing: the bridge does it with each request."""
        return {}

    async def upload(
        self, service: Service, signed: Mapping[str, str], content: bytes, fields: Mapping[str, str],
        progress: Progress | None = None,
    ) -> str:  # fmt: skip
        """Send a file, exactly once. Out: its execution number (執行編號). Raises DoorRefused, UpstreamError,
        StatusError.
        """
        text = base64.b64encode(content).decode()
        file = {"sPatData": text, "sUploadDT": CallContext().western_milliseconds}
        reply = await self._door.post(service.served_at[0], {**signed, **fields, **file})
        if progress is not None:
            progress(len(text))
        return result_of(service, reply)

    async def result(self, service: Service, signed: Mapping[str, str], fields: Mapping[str, str]) -> bytes:
        """The result of a check (檢核結果). Raises as :meth:`upload`."""
        return decoded_result(
            service, result_of(service, await self._door.post(service.served_at[0], {**signed, **fields}))
        )
