"""What planning may know beside the row and the call: named settings, and what time it is. Plain values, so
that planning stays pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from bridge.config import UploadSettings, VpnSettings

# Taiwan has kept UTC+8 without summer time since 1980; a fixed zone needs no time-zone database on Windows.
TAIWAN = timezone(timedelta(hours=8))


def row_settings(upload: UploadSettings, vpn: VpnSettings | None = None) -> Mapping[str, str]:
    """The settings that rows may name, by section and key (table/names.py lists them and their values).
    ``vpn``: by default as nobody has set it.
    """
    guess = vpn or VpnSettings()
    return {
        "upload.format": upload.format,
        "upload.type": upload.type,
        "vpn.guess_card_type": str(guess.guess_card_type),
        "vpn.guess_service_code": guess.guess_service_code,
    }


@dataclass(frozen=True, slots=True)
class CallContext:
    """``settings``: those of :func:`row_settings`, by default as nobody has set them. ``now``: the time of
    the call, with a time zone.
    """

    settings: Mapping[str, str] = field(default_factory=lambda: row_settings(UploadSettings()))
    now: datetime = field(default_factory=lambda: datetime.now(TAIWAN))

    @property
    def western_milliseconds(self) -> str:
        """The time as 17 digits: western yyyyMMddHHmmss and milliseconds (sUploadDT, seed 003)."""
        local = self.now.astimezone(TAIWAN)
        return f"{local:%Y%m%d%H%M%S}{local.microsecond // 1000:03d}"
