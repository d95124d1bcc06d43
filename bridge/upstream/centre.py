"""The upload centre (醫療資訊傳輸服務, VNHI_Upload): JSON like the others, its return code a text.

Seed 003 names the requests; the replies are known from real clients, which read ``RtnCode`` or ``rtnCode``,
``Opcode`` or ``opCode``.
"""

from __future__ import annotations

import httpx

from bridge.config import CentreSettings
from bridge.errors import BadReply, StatusError
from bridge.upstream.client import HttpUpstream, Json

STATUS_SOURCE = "vpn"  # where status.yaml lists the return codes
SUCCESS = "0000"


class UploadCentre(HttpUpstream):
    """The centre over HTTPS. Its replies are given with names in small letters: their case varies."""

    def __init__(self, settings: CentreSettings, transport: httpx.AsyncBaseTransport | None = None) -> None:
        super().__init__("centre", settings, transport)

    def _successful(self, reply: Json) -> Json:
        """The reply, if its return code is the text 0000.

        Raises StatusError (source ``vpn``) for another text, BadReply when there is none, or when two names
        differ only in the case of their letters.
        """
        small = {name.lower(): value for name, value in reply.items()}
        if len(small) != len(reply):
            raise BadReply(self.name, "the answer has a name twice")
        code = small.get("rtncode")
        if not isinstance(code, str) or not code.strip():
            raise BadReply(self.name, "the answer has no return code")
        if code.strip() != SUCCESS:
            raise StatusError(STATUS_SOURCE, code.strip())
        return small
