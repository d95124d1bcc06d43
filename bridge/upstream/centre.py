"""The upload centre (醫療資訊傳輸服務, VNHI_Upload): JSON like the others, its return code a text.

Seed 003 names the requests; the replies are known from real clients, which read ``RtnCode`` or ``rtnCode``,
``Opcode`` or ``opCode``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bridge.config import UpstreamSettings
from bridge.errors import BadReply, StatusError
from bridge.upstream.client import HttpUpstream, Json, OnTiming, Upstream
from bridge.upstream.json_body import JsonBody, Progress
from bridge.upstream.late import LateTransport
from bridge.upstream.tls import check_trust
from bridge.upstream.transport import Request, Transport
from bridge.words import said

STATUS_SOURCE = "vpn"  # where status.yaml lists the return codes
SUCCESS = "0000"

_body = JsonBody(", ", ": ")


class Centre(Upstream, Protocol):
    """What the engine needs of an upload centre."""

    async def ask(self, path: str, body: Mapping[str, Any], progress: Progress | None = None) -> Json:
        """Send one request and return the centre's own reply, whatever its return code."""
        ...


def _by_httpx(name: str, settings: UpstreamSettings) -> Transport:
    """The way there. Raises ConfigError when the settings' ``ca_file`` cannot be used."""
    check_trust(settings.ca_file)

    def make() -> Transport:
        from bridge.upstream.httpx_transport import (
            HttpxTransport,
        )  # with its library only where files are sent

        return HttpxTransport(name, settings)

    return LateTransport(make)


class UploadCentre(HttpUpstream):
    """The centre over HTTPS, or another server that answers as it does (``name``). Its replies are given with
    names in small letters: their case varies.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        transport: Transport | None = None,
        on_timing: OnTiming | None = None,
        name: str = "centre",
    ) -> None:
        super().__init__(name, settings, transport or _by_httpx(name, settings), on_timing)

    def _successful(self, reply: Json) -> Json:
        """The reply, if its return code is the text 0000.

        Raises StatusError (source ``vpn``) for another text, BadReply when there is none, or when two names
        differ only in the case of their letters.
        """
        small, code = self._taken_apart(reply)
        if code != SUCCESS:
            raise StatusError(STATUS_SOURCE, code)
        return small

    async def ask(self, path: str, body: Mapping[str, Any], progress: Progress | None = None) -> Json:
        """Send one request, exactly once, and return the centre's own reply, whatever its return code.

        In: the path below the centre's address, the JSON body; ``progress`` is called with the bytes that
        have left so far, of those of the whole body. Out: the reply with its names as the centre writes them.
        Raises Unreachable/TlsFailure when nothing was sent, TimedOut/Dropped when it may have been received,
        HttpFault for an HTTP status other than 200, BadReply for an answer without a return code.
        """
        content = _body.in_pieces(body, progress)
        return await self._send(Request("POST", path, content, self._patience), self._with_code)

    def _with_code(self, reply: Json) -> Json:
        """The reply, if it has a return code. Raises BadReply."""
        self._taken_apart(reply)
        return reply

    def _taken_apart(self, reply: Json) -> tuple[Json, str]:
        """The reply with names in small letters, and its return code. Raises BadReply."""
        small = {name.lower(): value for name, value in reply.items()}
        if len(small) != len(reply):
            raise BadReply(self.name, said("the answer has a name twice"))
        code = small.get("rtncode")
        if not isinstance(code, str) or not code.strip():
            raise BadReply(self.name, said("the answer has no return code"))
        return small, code.strip()


def return_code(reply: Mapping[str, Any]) -> str:
    """The return code of a reply of :meth:`UploadCentre.ask`."""
    return next(str(value).strip() for name, value in reply.items() if name.lower() == "rtncode")
