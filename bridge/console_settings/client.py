"""The requests about the console's own settings, as methods. Each is sent exactly once.

Only importing a SAM wants a session there, and none of them looks into that of a running bridge.
"""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from bridge.config import ConsoleSettings
from bridge.errors import BadReply, StatusError
from bridge.reader.console_client import SOURCE, ConsoleClient
from bridge.table.model.console import ConsoleField, ConsoleProtocol, ConsoleRequest
from bridge.upstream.bare import BareAnswers
from bridge.upstream.client import HttpUpstream, Json
from bridge.upstream.pool import KeptConnections
from bridge.words import said


@dataclass(frozen=True, slots=True)
class ImportedSam:
    """A cloud SAM as the console has taken it in. ``port``: the virtual COM port; "" where none is told."""

    sam_id: str
    hospital_id: str
    hospital_name: str
    port: str


@dataclass(frozen=True, slots=True)
class AnsweredCall:
    """A request in the console's record: path, time as the console writes it (ISO 8601), status."""

    path: str
    at: str
    status: int


class SettingsClient:
    """The settings of a console. Every method raises StatusError for a status other than success, and
    UpstreamError where there is no answer or no usable one.
    """

    def __init__(self, protocol: ConsoleProtocol, upstream: HttpUpstream, bare: BareAnswers) -> None:
        self.protocol = protocol
        self.console = ConsoleClient(upstream, protocol, lambda _: None)
        self._asked = protocol.settings
        self._bare = bare

    # --- cloud SAMs -----------------------------------------------------------------------------------------

    async def sams(self) -> list[str]:
        """The numbers of the imported cloud SAMs, 12 characters each."""
        return await self._texts(self._asked.list_sams, "sam_ids")

    async def import_sam(self, sam_id: str, hospital_id: str, content: bytes) -> ImportedSam:
        """Import a cloud SAM (12 characters, hospital 10) from the bytes of its file. Wants a session."""
        values = {
            "sam_id": sam_id,
            "hospital_id": hospital_id,
            "content": base64.b64encode(content).decode("ascii"),
        }
        request = self._asked.import_sam
        reply = await self._ask(request, body=values)
        told = {name: str(field.of(reply) or "") for name, field in request.reply.items()}
        return ImportedSam(**told)

    async def remove_sam(self, sam_id: str) -> None:
        """Take a cloud SAM off the list."""
        await self._ask(self._asked.remove_sam, at={"sam_id": sam_id})

    # --- readers --------------------------------------------------------------------------------------------

    async def readers(self) -> list[str]:
        """The names of the PC/SC readers of the machine."""
        return await self._texts(self._asked.list_readers, "readers")

    async def default_reader(self) -> str:
        """The name of the reader that is used by default; "" where none is."""
        request = self._asked.default_reader
        try:
            reply = await self._ask(request)
        except StatusError as error:
            if error.number not in self.protocol.accepted(request):
                raise
            return ""
        return str(request.reply["reader"].of(reply) or "")

    async def use_reader(self, name: str) -> None:
        """Make a reader the default."""
        await self._ask(self._asked.use_reader, body={"reader": name})

    async def forget_reader(self) -> None:
        """Leave the console without a default reader."""
        await self._ask(self._asked.forget_reader)

    async def detect_reader(self) -> str:
        """Have the reader in which a card lies found and made the default. Out: its name."""
        request = self._asked.detect_reader
        return _text(request.reply["reader"], await self._ask(request))

    # --- web pages ------------------------------------------------------------------------------------------

    async def origins(self) -> list[str]:
        """The hosts whose web pages may call the console."""
        return await self._texts(self._asked.list_origins, "hosts")

    async def add_origin(self, host: str) -> None:
        """Allow the web pages of a host."""
        await self._ask(self._asked.add_origin, body={"host": host})

    async def remove_origin(self, host: str) -> None:
        """No longer allow the web pages of a host."""
        await self._ask(self._asked.remove_origin, at={"host": host})

    # --- the record of calls --------------------------------------------------------------------------------

    async def calls(self, skip: int, take: int) -> list[AnsweredCall]:
        """So many of the requests that the console has answered, newest first, without the first ``skip``."""
        request = self._asked.list_calls
        items = await self._bare.listed(request.method, _target(request, {"skip": skip, "take": take}))
        return [_answered(request.reply, item) for item in items]

    async def forget_calls(self) -> None:
        """Clear the record."""
        request = self._asked.forget_calls
        await self._bare.done(request.method, request.path)

    async def _ask(
        self,
        request: ConsoleRequest,
        *,
        at: Mapping[str, str | int] | None = None,
        body: Mapping[str, str] | None = None,
    ) -> Json:
        return await self.console.send(
            request.method, _target(request, at or {}), request.content(body or {})
        )

    async def _texts(self, request: ConsoleRequest, name: str) -> list[str]:
        field = request.reply[name]
        found = field.of(await self._ask(request))
        if not isinstance(found, list):
            raise BadReply(SOURCE, said("{name} is missing", name=field.json_name))
        return [str(each) for each in found]


@asynccontextmanager
async def open_settings(
    settings: ConsoleSettings, protocol: ConsoleProtocol
) -> AsyncIterator[SettingsClient]:
    """A client of the console of the settings; its connections are closed at the end. Raises ConfigError."""
    way = KeptConnections(SOURCE, settings)
    try:
        bare = BareAnswers(SOURCE, way, settings.read_timeout)
        yield SettingsClient(protocol, HttpUpstream(SOURCE, settings, way), bare)
    finally:
        await way.aclose()


def _target(request: ConsoleRequest, values: Mapping[str, str | int]) -> str:
    """The path of a request with these values by our names, each for its place in path or query."""
    path = request.path
    for name, field in request.in_path.items():
        path = path.replace(f"{{{field.json_name}}}", quote(str(values[name]), safe=""))
    query = {field.json_name: values[name] for name, field in request.in_query.items()}
    return f"{path}?{urlencode(query)}" if query else path


def _answered(names: Mapping[str, ConsoleField], item: Any) -> AnsweredCall:
    status = names["status"].of(item)
    if type(status) is not int:
        raise BadReply(SOURCE, said("{name} is missing in its record", name=names["status"].json_name))
    return AnsweredCall(_text(names["path"], item), _text(names["at"], item), status)


def _text(field: ConsoleField, reply: Any) -> str:
    found = field.of(reply)
    if not isinstance(found, str) or not found:
        raise BadReply(SOURCE, said("{name} is missing", name=field.json_name))
    return found
