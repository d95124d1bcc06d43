"""What planning may know beside the row and the call: named settings, what time it is, and a cipher. All of
it is given, so that planning stays pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from bridge.codec.code_page import WINDOWS, CodePage
from bridge.errors import InternalFault
from bridge.words import said

# Taiwan has kept UTC+8 without summer time since 1980; a fixed zone needs no time-zone database on Windows.
TAIWAN = timezone(timedelta(hours=8))

# What rows may name (table/model/names.py), as nobody has set it.
UNSET: Mapping[str, str] = {
    "upload.format": "1.0",
    "upload.type": "A1",
    "vpn.guess_card_type": "3",
    "vpn.guess_service_code": "30",
}

Decrypt = Callable[[bytes, bytes, bytes], bytes]


def _no_cipher(key: bytes, vector: bytes, data: bytes) -> bytes:
    raise InternalFault(said("this plan was made without a cipher"))


class CallContext:
    """``settings``: those that rows may name. ``now``: the time of the call, with a time zone; by default
    when it is first asked for. ``decrypt``: what undoes AES-256 in CBC mode; in: key (32 bytes), initial
    vector (16), whole blocks; out: as many bytes. ``page``: the code page, with the site's own characters.
    """

    __slots__ = ("_now", "decrypt", "page", "settings")

    def __init__(
        self,
        settings: Mapping[str, str] = UNSET,
        now: datetime | None = None,
        decrypt: Decrypt = _no_cipher,
        page: CodePage = WINDOWS,
    ) -> None:
        self.settings = settings
        self.decrypt = decrypt
        self.page = page
        self._now = now

    @property
    def now(self) -> datetime:
        """The time of the call, the same each time."""
        if self._now is None:
            self._now = datetime.now(TAIWAN)
        return self._now

    @property
    def western_milliseconds(self) -> str:
        """The time as 17 digits: western yyyyMMddHHmmss and milliseconds (sUploadDT, seed 003)."""
        local = self.taiwan_time
        return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"

    @property
    def taiwan_time(self) -> datetime:
        """The time of the call in Taiwan."""
        return self.now.astimezone(TAIWAN)
